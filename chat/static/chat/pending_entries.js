/** Draws what was written and has not come back yet, below the messages. */

import { saidOf } from "lobby/message_view";

export class PendingEntries {
  #list;
  #timeline;
  #view;
  /** @type {Map<string, HTMLElement>} by client_id */
  #drawn = new Map();

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {import("lobby/message_view").MessageView} options.view
   */
  constructor(list, { timeline, view }) {
    this.#list = list;
    this.#timeline = timeline;
    this.#view = view;
  }

  clear() {
    this.#drawn.clear();
    this.#list.replaceChildren();
  }

  /**
   * The first one is always drawn again: what it follows may have changed.
   * @param {string[]} clientIds what has changed
   * @param {import("lobby/timeline").Author} you
   */
  draw(clientIds, you) {
    const all = this.#timeline.pendings.all;
    const changed = new Set(clientIds);
    if (all.length) changed.add(all[0].client_id);
    const waiting = new Set(all.map(({ client_id }) => client_id));
    for (const clientId of changed) if (!waiting.has(clientId)) this.#drop(clientId);
    const last = this.#timeline.message(this.#timeline.last);
    let previous = last && saidOf(last);
    for (const pending of all) {
      const said = { author: you, sentAt: new Date(pending.at) };
      if (changed.has(pending.client_id))
        this.#drawOne(pending, this.#view.place(previous, said), you);
      previous = said;
    }
  }

  #drop(clientId) {
    this.#drawn.get(clientId)?.remove();
    this.#drawn.delete(clientId);
  }

  /** What was read out once is not an alert again when it is only drawn in another place. */
  #drawOne(pending, place, you) {
    const drawn = this.#drawn.get(pending.client_id);
    const news = JSON.stringify([pending.state, pending.goesAt, pending.message]);
    const key = JSON.stringify([place, you.name]);
    const isTold = drawn?.dataset.news === news;
    if (isTold && drawn.dataset.place === key) return;
    const entry = this.#view.pending(pending, place, you);
    entry.dataset.news = news;
    entry.dataset.place = key;
    if (isTold) entry.querySelector("[role=alert]")?.removeAttribute("role");
    this.#drawn.set(pending.client_id, entry);
    if (drawn) drawn.replaceWith(entry);
    else this.#list.append(entry);
  }
}
