/** Which messages mention the reader and were not on the screen yet. Pure state. */

/** @typedef {import("./messages.js").Message} Message */

/** Of everybody who was present, who have no id, the server alone knows who that was. */
export function isOfYou({ mentions = [] }, yourId) {
  return mentions.some(({ id }) => id === yourId);
}

export class UnreadMentions {
  /** @type {Set<number>} */
  #places = new Set();
  #me;
  #listeners = new Set();

  /** @param {import("./me.js").Me} me */
  constructor(me) {
    this.#me = me;
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** Take what the server counts. @param {number[]} places @param {number} seen up to where this page has read */
  learn(places = [], seen = 0) {
    for (const place of places) if (place > seen) this.#places.add(place);
    this.#emit();
  }

  /** Take changed messages. @param {Message[]} messages @param {number} seen up to where this page has read */
  take(messages, seen) {
    for (const message of messages) {
      const { sequence, mentions = [] } = message;
      if (this.#me.isNews(message) && isOfYou(message, this.#me.id)) {
        if (sequence > seen) this.#places.add(sequence);
      } else if (message.deleted || mentions.every(({ id }) => id)) this.#places.delete(sequence);
    }
    this.#emit();
  }

  /** These places were on the screen, the last one too. */
  saw(first, last) {
    const before = this.#places.size;
    for (const place of this.#places)
      if (first <= place && place <= last) this.#places.delete(place);
    if (this.#places.size !== before) this.#emit();
  }

  get count() {
    return this.#places.size;
  }

  /** @returns {number|undefined} */
  get first() {
    return this.count ? Math.min(...this.#places) : undefined;
  }

  #emit() {
    for (const listener of this.#listeners) listener();
  }
}
