/** What was said and not read: it is counted in the page's title while nobody looks. */

/** More than this is not counted. */
const COUNT_MAX = 100;

/**
 * How many of the shown messages after a place are news to somebody; 100 is 100 or more.
 * @param {import("lobby/state/timeline").Timeline} timeline
 * @param {number} seen
 * @param {(message: import("lobby/state/timeline").Message) => boolean} isNews
 */
export function countUnread(timeline, seen, isNews) {
  const { sequences } = timeline;
  let count = 0;
  for (let at = sequences.length - 1; sequences[at] > seen && count < COUNT_MAX; at--)
    if (isNews(timeline.message(sequences[at]))) count++;
  return count;
}

/** The first of them. @returns {number|undefined} */
export function firstUnread(timeline, seen, isNews) {
  let sequence = timeline.after(seen);
  while (sequence !== undefined && !isNews(timeline.message(sequence)))
    sequence = timeline.after(sequence);
  return sequence;
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
