/** Draws what was written and has not come back yet, below the newest message: further up it is not shown. */

import { fill } from "../lib/strings.js";
import { saidOf } from "./message_view.js";

/** Between two looks at how many seconds are left. */
const TICK_MS = 500;

export class PendingEntries {
  #list;
  #timeline;
  #view;
  /** @type {Map<string, HTMLElement>} by client_id */
  #drawn = new Map();

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./message_view.js").MessageView} options.view
   */
  constructor(list, { timeline, view }) {
    this.#list = list;
    this.#timeline = timeline;
    this.#view = view;
  }

  /**
   * @param {import("../state/messages.js").Author} you
   * @param {boolean} isAnew what they answer may have changed, too
   */
  draw(you, isAnew) {
    const { all } = this.#timeline.pendings;
    this.#list.hidden = this.#timeline.hasNewer;
    const waiting = new Set(all.map(({ client_id }) => client_id));
    for (const clientId of this.#drawn.keys()) if (!waiting.has(clientId)) this.#drop(clientId);
    const last = this.#timeline.message(this.#timeline.last);
    let previous = last && saidOf(last);
    all.forEach((pending, index) => {
      const said = { author: you, sentAt: new Date(pending.at) };
      const entry = this.#entry(pending, this.#view.place(previous, said), you, isAnew);
      const there = this.#list.children[index] ?? null;
      if (there !== entry) this.#list.insertBefore(entry, there);
      previous = said;
    });
  }

  #drop(clientId) {
    this.#drawn.get(clientId).remove();
    this.#drawn.delete(clientId);
  }

  /** What was read out once is not an alert again when it is only drawn in another place. */
  #entry(pending, place, you, isAnew) {
    const drawn = this.#drawn.get(pending.client_id);
    const news = JSON.stringify([pending.state, pending.goesAt, pending.message]);
    const key = JSON.stringify([place, you.name]);
    const isAnnounced = drawn?.dataset.news === news;
    if (!isAnew && isAnnounced && drawn.dataset.place === key) return drawn;
    const entry = this.#view.pending(pending, place, you);
    entry.dataset.news = news;
    entry.dataset.place = key;
    if (isAnnounced) entry.querySelector("[role=alert]")?.removeAttribute("role");
    this.#drawn.set(pending.client_id, entry);
    drawn?.replaceWith(entry);
    return entry;
  }
}

/**
 * Elements with `data-until` show how many seconds are left until then.
 * @param {HTMLElement} root
 * @param {string} words with `{count}`
 */
export function runCountdowns(root, words) {
  let timer;
  const tick = () => {
    clearTimeout(timer);
    const all = root.querySelectorAll("[data-until]");
    for (const left of all) {
      const count = Math.max(0, Math.ceil((Number(left.dataset.until) - Date.now()) / 1000));
      const text = fill(words, { count });
      if (left.textContent !== text) left.textContent = text;
    }
    if (all.length) timer = setTimeout(tick, TICK_MS);
  };
  new MutationObserver(tick).observe(root, { childList: true });
}
