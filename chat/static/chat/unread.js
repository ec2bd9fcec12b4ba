/** What was said and not read: it is counted in the page's title while nobody looks. */

/**
 * The shown messages after a place that are news to somebody, in order.
 * @param {import("lobby/timeline").Timeline} timeline
 * @param {number} seen
 * @param {(message: import("lobby/timeline").Message) => boolean} isNews
 * @returns {number[]} sequences
 */
export function unreadAfter(timeline, seen, isNews) {
  const unread = [];
  const { sequences } = timeline;
  for (let at = sequences.length - 1; at >= 0 && sequences[at] > seen; at--) {
    if (isNews(timeline.message(sequences[at]))) unread.unshift(sequences[at]);
  }
  return unread;
}

/** "(3) lobby" */
export class UnreadTitle {
  #document;
  #title;

  /** @param {Document} document */
  constructor(document) {
    this.#document = document;
    this.#title = document.title;
  }

  show(count) {
    const title = count ? `(${count > 99 ? "99+" : count}) ${this.#title}` : this.#title;
    if (title !== this.#document.title) this.#document.title = title;
  }
}
