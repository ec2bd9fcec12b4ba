/** Draws the messages that a timeline shows, each in an entry, in order. */

import { saidOf } from "./message_view.js";

export class MessageEntries {
  #list;
  #timeline;
  #view;
  #me;
  #newLine;
  /** @type {Map<number, HTMLElement>} by sequence */
  #drawn = new Map();
  #quietUpTo = 0;

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./message_view.js").MessageView} options.view
   * @param {import("../state/me.js").Me} options.me
   * @param {import("./new_line.js").NewLine} options.newLine
   */
  constructor(list, { timeline, view, me, newLine }) {
    this.#list = list;
    this.#timeline = timeline;
    this.#view = view;
    this.#me = me;
    this.#newLine = newLine;
  }

  /** In the order in which they stand. */
  get all() {
    return this.#list.children;
  }

  /** The entry of a message, or undefined. */
  get(sequence) {
    return this.#drawn.get(sequence);
  }

  clear() {
    this.#drawn.clear();
    this.#list.replaceChildren();
  }

  /**
   * Draw these anew, and remove what is not shown any more.
   * @param {number[]} sequences those that are not shown are left out
   * @param {number} quietUpTo what is drawn up to this place is not read out
   */
  draw(sequences, quietUpTo) {
    this.#quietUpTo = quietUpTo;
    this.#removeHidden();
    this.#drawShown(sequences.filter((sequence) => this.#timeline.isShown(sequence)));
  }

  /** The first entry begins a day now. */
  #removeHidden() {
    for (const [sequence, entry] of this.#drawn) {
      if (this.#timeline.isShown(sequence)) continue;
      this.#drawn.delete(sequence);
      entry.remove();
    }
    const { first } = this.#timeline;
    const entry = this.#drawn.get(first);
    if (entry) this.#replaceIfMoved(first, entry);
  }

  /** From the last to the first, so that each finds the one it stands before. */
  #drawShown(sequences) {
    for (const sequence of sequences.sort((a, b) => b - a)) {
      const next = this.#timeline.after(sequence);
      const entry = this.#entry(sequence);
      const drawn = this.#drawn.get(sequence);
      const following = this.#drawn.get(next);
      this.#drawn.set(sequence, entry);
      if (drawn) drawn.replaceWith(entry);
      else if (following) following.before(entry);
      else this.#list.append(entry);
      if (following) this.#replaceIfMoved(next, following);
    }
  }

  #entry(sequence) {
    const message = this.#timeline.message(sequence);
    const place = this.#placeOf(sequence);
    const isOwn = message.author.id === this.#me.id;
    const entry = this.#view.message(message, place, isOwn);
    entry.dataset.sequence = sequence;
    entry.dataset.place = JSON.stringify(place);
    if (sequence <= this.#quietUpTo) entry.setAttribute("aria-live", "off");
    this.#newLine.drawAbove(entry, sequence);
    return entry;
  }

  /** What comes before it changed: it may now begin a day or a group, or no longer. */
  #replaceIfMoved(sequence, drawn) {
    if (drawn.dataset.place === JSON.stringify(this.#placeOf(sequence))) return;
    const entry = this.#entry(sequence);
    this.#drawn.set(sequence, entry);
    drawn.replaceWith(entry);
  }

  #placeOf(sequence) {
    const previous = this.#timeline.message(this.#timeline.before(sequence));
    const place = this.#view.place(
      previous && saidOf(previous),
      saidOf(this.#timeline.message(sequence)),
    );
    return { ...place, continues: place.continues && sequence !== this.#newLine.from };
  }
}
