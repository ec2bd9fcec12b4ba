/** What a search has found so far, page after page. Pure state. */

/**
 * @typedef {{room: string, message: import("./messages.js").Message, context: [string, boolean][]}} Hit
 * @typedef {{type: "search", query: string, everywhere?: true, cursor?: number}} Question
 */

export class Found {
  /** Newest first. @type {Hit[]} */
  hits = [];
  /** Why nothing was looked for; empty otherwise. */
  refusal = "";
  /** Older messages may be missing. */
  isIncomplete = false;
  /** What has no answer yet. @type {Question|null} */
  question = null;
  /** @type {Question|null} */
  #next = null;

  /** Look for something else, and forget what was found. */
  begin(query, everywhere) {
    this.hits = [];
    this.refusal = "";
    this.isIncomplete = false;
    this.question = { type: "search", query, ...(everywhere && { everywhere }) };
    this.#next = null;
  }

  get hasMore() {
    return this.#next !== null;
  }

  /** Ask for the page after what was found. */
  goOn() {
    this.question ??= this.#next;
  }

  /**
   * Take a page, unless it answers what is no longer asked.
   * @param {{query: string, everywhere?: boolean, hits: Hit[], cursor?: number, incomplete?: boolean}} page
   * @returns {boolean} whether it was taken
   */
  take({ query, everywhere = false, hits, cursor, incomplete = false }) {
    const { question } = this;
    if (question?.query !== query || Boolean(question.everywhere) !== everywhere) return false;
    const known = new Set(this.hits.map(keyOf));
    this.hits = [...this.hits, ...hits.filter((hit) => !known.has(keyOf(hit)))];
    this.isIncomplete = incomplete;
    this.question = null;
    this.#next = cursor === undefined ? null : { ...question, cursor };
    return true;
  }

  /** The question cannot be answered. */
  refuse(words) {
    this.refusal = words;
    this.question = null;
  }

  /** A message is no longer there. @returns {boolean} whether it was among those found */
  drop(room, sequence) {
    const { length } = this.hits;
    this.hits = this.hits.filter((hit) => hit.room !== room || hit.message.sequence !== sequence);
    return this.hits.length < length;
  }
}

function keyOf({ room, message }) {
  return `${message.sequence} ${room}`;
}
