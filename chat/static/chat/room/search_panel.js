/**
 * Finds messages: a column beside the log where there is room for it, else over the log. A result of this room is
 * shown in the log, one of another room by its address; what was found stays, and is found again by the Back button.
 */

import { element } from "../lib/elements.js";
import { isComposing, isPlainClick } from "../lib/input.js";
import { fill } from "../lib/strings.js";
import { linkTo } from "../log/message_links.js";
import { Found } from "../state/found.js";

/** From here on there is room for a column. The same stands in room.css. */
const WIDE = "(width >= 1000px)";

export class SearchPanel {
  /** @type {HTMLDialogElement} */
  #root;
  /** Opens it. */
  #button;
  /** Leads back to it, where it was over the log. */
  #back;
  #input;
  #told;
  #list;
  #more;
  #parts;
  #times;
  #onJump;
  #onShown;
  #found = new Found();
  #isWide = matchMedia(WIDE);
  /** It is over the log, and was closed to show a result. */
  #isLeftForResult = false;

  /**
   * @param {HTMLElement} page
   * @param {import("../pages/room.js").Parts} parts
   * @param {object} options
   * @param {import("../lib/strings.js").TimeFormat} options.times
   * @param {(sequence: number) => void} options.onJump
   * @param {(isColumn: boolean) => void} options.onShown
   */
  constructor(page, parts, { times, onJump, onShown }) {
    this.#root = page.querySelector("#search");
    this.#button = page.querySelector("#search-button");
    this.#back = page.querySelector("#to-results");
    this.#input = this.#root.querySelector("[type=search]");
    this.#told = this.#root.querySelector(".search-told");
    this.#list = this.#root.querySelector(".hits");
    this.#more = this.#root.querySelector(".more-hits");
    this.#parts = parts;
    this.#times = times;
    this.#onJump = onJump;
    this.#onShown = onShown;
    this.#listen();
    this.#restore();
  }

  #listen() {
    const { connection } = this.#parts;
    connection.on("found", (page) => this.#answered(page));
    connection.on("error", (error) => this.#failed(error));
    connection.on("welcome", () => this.#send());
    this.#parts.timeline.subscribe((change) => this.#changed(change));
    this.#button.addEventListener("click", (event) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      if (this.#root.open) this.#root.close();
      else this.#open();
    });
    this.#back.addEventListener("click", () => this.#open());
    this.#more.addEventListener("click", () => {
      this.#found.goOn();
      this.#send();
    });
    this.#root.querySelector(".close").addEventListener("click", () => this.#root.close());
    this.#root.addEventListener("close", () => this.#closed());
    this.#root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
    this.#root.addEventListener("change", ({ target }) => {
      if (target.type === "radio") this.#ask();
    });
    this.#root.addEventListener("keydown", (event) => this.#pressed(event));
    this.#isWide.addEventListener("change", () => {
      if (this.#root.open) this.#show();
    });
    document.addEventListener("keydown", (event) => {
      const { ctrlKey, metaKey, shiftKey, altKey, code } = event;
      if (!(ctrlKey || metaKey) || !shiftKey || altKey || code !== "KeyF") return;
      event.preventDefault();
      this.#open();
    });
  }

  /** With the focus on what one came from, else where one types. */
  #open() {
    const isInside = this.#root.contains(document.activeElement);
    if (!this.#root.open) this.#show();
    const opened = this.#opened;
    if (opened && !isInside) return opened.focus();
    this.#input.focus();
    this.#input.select();
  }

  #show() {
    const { activeElement } = document;
    if (this.#root.open) this.#root.close();
    if (this.#isWide.matches) this.#root.show();
    else this.#root.showModal();
    if (this.#root.contains(activeElement)) activeElement.focus();
    this.#fit();
  }

  #fit() {
    const { open } = this.#root;
    this.#button.setAttribute("aria-expanded", String(open));
    this.#back.hidden = open || !this.#opened;
    this.#onShown(open && this.#isWide.matches);
  }

  #closed() {
    if (this.#root.open) return; // It is a column now, or none any more.
    if (!this.#isLeftForResult) this.#opened?.removeAttribute("aria-current");
    this.#isLeftForResult = false;
    history.replaceState(null, "");
    this.#fit();
  }

  get #isEverywhere() {
    return this.#root.querySelector("[value=all]").checked;
  }

  #ask() {
    const query = this.#input.value.trim();
    if (!query) return;
    history.replaceState({ search: query, isEverywhere: this.#isEverywhere }, "");
    this.#found.begin(query, this.#isEverywhere);
    this.#list.replaceChildren();
    this.#send();
  }

  /** One comes back from a result in another room. */
  #restore() {
    const { search, isEverywhere } = history.state ?? {};
    if (!search) return;
    this.#input.value = search;
    this.#root.querySelector("[value=all]").checked = isEverywhere;
    this.#open();
    this.#ask();
  }

  /** What cannot be sent now is sent when the socket is there. */
  #send() {
    const { question } = this.#found;
    if (!question) return;
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.#parts.connection.say({ ...question, zone });
    this.#tell();
  }

  #answered(page) {
    if (!this.#found.take(page)) return;
    const shown = this.#list.childElementCount;
    this.#list.append(...this.#found.hits.slice(shown).map((hit) => this.#item(hit)));
    if (document.activeElement === this.#more) this.#links[shown]?.focus();
    this.#tell();
  }

  /** A question has no client_id. */
  #failed({ client_id, retry_after, message }) {
    if (client_id || !this.#found.question) return;
    if (retry_after !== undefined) {
      setTimeout(() => this.#send(), retry_after * 1000);
      return;
    }
    this.#found.refuse(message);
    this.#tell();
  }

  /** What was deleted is no longer shown. */
  #changed({ sequences = [] }) {
    const { room, timeline } = this.#parts;
    if (!this.#found.hits.length) return;
    for (const sequence of sequences) {
      if (timeline.message(sequence)?.deleted && this.#found.drop(room, sequence)) {
        this.#list
          .querySelector(`[href="${CSS.escape(linkTo(room, sequence))}"]`)
          .parentElement.remove();
      }
    }
  }

  #tell() {
    const { question, refusal, hits, isIncomplete, hasMore } = this.#found;
    const { loading, search_none, search_found, search_more, search_incomplete } =
      this.#parts.strings;
    const count = fill(hasMore ? search_more : search_found, { count: hits.length });
    const words = [refusal || (hits.length ? count : search_none)];
    if (isIncomplete) words.push(search_incomplete);
    this.#told.textContent = question ? loading : words.join(" ");
    this.#told.classList.toggle("refusal", Boolean(refusal));
    this.#more.hidden = !hasMore;
  }

  #item({ room, message, context }) {
    const at = new Date(message.sent_at);
    const time = element("time", "", this.#times.dateAndTime(at));
    time.dateTime = at.toISOString();
    time.title = this.#times.moment(at);
    const head = element("span", "hit-head");
    head.append(
      element(
        "bdi",
        "author",
        message.author.id ? message.author.name : this.#parts.strings.deleted_account,
      ),
    );
    if (room !== this.#parts.room) head.append(" ", element("bdi", "hit-room", room));
    head.append(" ", time);
    const text = element("span", "context");
    text.dir = "auto";
    text.append(
      ...context.map(([piece, isMatch]) => (isMatch ? element("mark", "", piece) : piece)),
    );
    const link = element("a", "hit");
    link.href = linkTo(room, message.sequence);
    link.append(head, text);
    link.addEventListener("click", (event) => this.#chosen(event, link, room, message.sequence));
    const item = element("li", "");
    item.append(link);
    return item;
  }

  #chosen(event, link, room, sequence) {
    this.#opened?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    if (room !== this.#parts.room) return;
    if (!isPlainClick(event)) return;
    event.preventDefault();
    if (!this.#isWide.matches) {
      this.#isLeftForResult = true;
      this.#root.close();
    }
    this.#onJump(sequence);
  }

  /** The result one looked at last. */
  get #opened() {
    return this.#list.querySelector("[aria-current]");
  }

  get #links() {
    return [...this.#list.querySelectorAll(".hit")];
  }

  /** Up and down lead from where one types through what was found. */
  #pressed(event) {
    const { key, target } = event;
    if (isComposing(event)) return;
    if (key === "Escape") this.#root.close();
    else if (key === "ArrowDown" || key === "ArrowUp") {
      const stops = [this.#input, ...this.#links, ...(this.#more.hidden ? [] : [this.#more])];
      const at = stops.indexOf(target.closest(".hit") ?? target);
      if (at < 0) return;
      stops[Math.max(0, at + (key === "ArrowDown" ? 1 : -1))]?.focus();
    } else return;
    event.preventDefault();
  }
}
