/** The line above what is new, and where it stands: who comes back begins to read there. */

import { firstUnread } from "../state/unread.js";

export class NewLine {
  /** The first new message, if everything since the read mark is held. @type {number|undefined} */
  from;
  #element;
  #timeline;
  #isNews;
  /** What is after this place is new; null while there is no line. */
  #readUpTo = /** @type {number|null} */ (null);

  /**
   * @param {HTMLElement} element
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {(message: import("../state/messages.js").Message) => boolean} options.isNews
   */
  constructor(element, { timeline, isNews }) {
    this.#element = element;
    this.#timeline = timeline;
    this.#isNews = isNews;
    element.remove();
    element.hidden = false;
  }

  /** The line stands after this place from now on; null: there is none. */
  set readUpTo(sequence) {
    this.#readUpTo = sequence;
  }

  /** What is new begins further up than what is held: after this place. */
  get isAbove() {
    const { first, hasOlder } = this.#timeline;
    return this.#readUpTo !== null && hasOlder && first > this.#readUpTo + 1;
  }

  /** Where to look for it. */
  get place() {
    return this.#readUpTo + 1;
  }

  /** Of so many messages some are new. */
  get span() {
    return this.#timeline.newest - this.#readUpTo;
  }

  /** @returns {number[]} the entries that the line leaves or comes to: they are to be drawn again */
  move() {
    const before = this.from;
    const isHeld = this.#readUpTo !== null && !this.isAbove;
    this.from = isHeld ? firstUnread(this.#timeline, this.#readUpTo, this.#isNews) : undefined;
    return this.from === before ? [] : [this.from, before].filter(Boolean);
  }

  drawAbove(entry, sequence) {
    if (sequence === this.from) entry.prepend(this.#element);
  }
}
