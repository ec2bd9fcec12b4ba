/** A picture of the log over the whole window, by keyboard and by touch. Loaded when the first one is looked at. */

import { button, element } from "../lib/elements.js";
import { inReadingOrder } from "../lib/input.js";
import { fill } from "../lib/strings.js";

/** A finger that has gone further sideways than this turns over. */
const SWIPE_PX = 50;

/**
 * @param {HTMLAnchorElement} link the picture in the log
 * @param {Record<string, string>} strings
 */
export function openLightbox(link, strings) {
  const links = [...document.querySelectorAll("#chat-log a.picture")];
  new Lightbox(links, strings).open(links.indexOf(link));
}

class Lightbox {
  #links;
  #strings;
  #at = 0;
  #dialog = element("dialog", "lightbox");
  #image = element("img", "");
  #caption = element("p", "lightbox-caption");
  #open = element("a", "");
  #before;
  #after;
  #touchedAt = /** @type {number|null} */ (null);

  constructor(links, strings) {
    this.#links = links;
    this.#strings = strings;
    const close = this.#button("close", strings.close, "×", () => this.#dialog.close());
    this.#before = this.#button("turn before", strings.picture_before, "‹", () => this.#turn(-1));
    this.#after = this.#button("turn after", strings.picture_after, "›", () => this.#turn(1));
    this.#open.target = "_blank";
    this.#open.rel = "noopener";
    this.#open.textContent = strings.picture_open;
    this.#caption.dir = "auto";
    this.#caption.setAttribute("role", "status");
    const foot = element("div", "lightbox-foot");
    foot.append(this.#caption, this.#open);
    this.#dialog.append(this.#image, this.#before, this.#after, foot, close);
    this.#dialog.setAttribute("aria-label", strings.picture);
    this.#listen();
  }

  open(at) {
    document.body.append(this.#dialog);
    this.#show(at);
    this.#dialog.showModal();
  }

  #button(name, label, sign, run) {
    const made = button(name, sign, run);
    made.title = label;
    made.setAttribute("aria-label", label);
    return made;
  }

  #listen() {
    const dialog = this.#dialog;
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.#links[this.#at].focus(); // It may be another one than at first.
    });
    dialog.addEventListener("keydown", (event) => {
      const key = inReadingOrder(event.key, dialog);
      if (key === "ArrowRight") this.#turn(1);
      if (key === "ArrowLeft") this.#turn(-1);
      if (key === "Home") this.#show(0);
      if (key === "End") this.#show(this.#links.length - 1);
    });
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    this.#image.addEventListener("click", () => dialog.classList.toggle("whole"));
    this.#image.addEventListener("load", () => dialog.classList.remove("loading"));
    dialog.addEventListener("touchstart", ({ touches }) => {
      this.#touchedAt = touches.length === 1 && !this.#isZoomed ? touches[0].clientX : null;
    });
    dialog.addEventListener("touchend", ({ changedTouches }) => {
      const moved = changedTouches[0].clientX - (this.#touchedAt ?? Number.NaN);
      if (Math.abs(moved) > SWIPE_PX) this.#turn(moved < 0 ? 1 : -1);
    });
  }

  /** A finger moves the picture then. */
  get #isZoomed() {
    return window.visualViewport?.scale > 1 || this.#dialog.classList.contains("whole");
  }

  #turn(step) {
    this.#show(this.#at + step);
  }

  #show(at) {
    const link = this.#links[at];
    if (!link) return;
    this.#at = at;
    const { alt } = link.querySelector("img");
    this.#dialog.classList.remove("whole");
    this.#dialog.classList.add("loading");
    this.#image.alt = alt;
    this.#image.src = link.href;
    this.#open.href = link.href;
    this.#caption.textContent = [this.#place, alt].filter(Boolean).join(" · ");
    this.#before.disabled = at === 0;
    this.#after.disabled = at === this.#links.length - 1;
  }

  get #place() {
    const { length } = this.#links;
    if (length === 1) return "";
    return fill(this.#strings.picture_place, { number: this.#at + 1, count: length });
  }
}
