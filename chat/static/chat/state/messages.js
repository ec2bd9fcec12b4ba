/** The messages of a room that this browser holds, and the places of those that are shown. Pure state. */

/**
 * @typedef {{id: string|null, name: string, verified?: boolean}} Author
 * @typedef {{sequence: number, revision: number, author: Author, message: string, html: string,
 *   sent_at: string, client_id: string, edited_at?: string, deleted?: boolean, reply_to?: number,
 *   files?: import("../log/message_files.js").MessageFile[]}} Message
 */

/** More than this is not held: what is dropped comes again from history when it is wanted. */
const HELD_MAX = 5_000;
/** So many of the newest messages, and those of the last so many changes, are held in any case. */
const HELD_NEWEST = 1_000;

/** Each in its newest state, shown or not. */
export class Messages {
  /** @type {Map<number, Message>} by place */
  #messages = new Map();
  /** @type {Map<number, Set<number>>} what answers a message, by the place of that message */
  #answers = new Map();
  #newest = 0;

  /** The place of the newest one; 0 while there is none. */
  get newest() {
    return this.#newest;
  }

  get size() {
    return this.#messages.size;
  }

  get(sequence) {
    return this.#messages.get(sequence);
  }

  has(sequence) {
    return this.#messages.has(sequence);
  }

  /** The one written under this client_id. */
  find(clientId) {
    return [...this.#messages.values()].find((message) => message.client_id === clientId);
  }

  /** Hold a message. @returns {boolean} false when it is no newer than what is held of it */
  keep(message) {
    const { sequence, revision, reply_to } = message;
    const held = this.#messages.get(sequence);
    if (held && held.revision >= revision) return false;
    this.#messages.set(sequence, message);
    this.#newest = Math.max(this.#newest, sequence);
    if (reply_to) this.noteAnswer(reply_to, sequence);
    return true;
  }

  /** The places of all that answers one of these. */
  answersTo(sequences) {
    return sequences.flatMap((sequence) => [...(this.#answers.get(sequence) ?? [])]);
  }

  /** The places held without a hole from one on, up to so many. @param {1|-1} step */
  run(place, step, count) {
    const places = [];
    for (; places.length < count && this.#messages.has(place); place += step) places.push(place);
    return places;
  }

  /** Let go of some. @param {(message: Message) => boolean} isGone @returns {boolean} whether there was any */
  drop(isGone) {
    const gone = [...this.#messages.values()].filter(isGone);
    for (const { sequence, reply_to } of gone) {
      this.#messages.delete(sequence);
      const answers = this.#answers.get(reply_to);
      answers?.delete(sequence);
      if (!answers?.size) this.#answers.delete(reply_to);
    }
    return gone.length > 0;
  }

  /**
   * Let go of most when too many are held. What has changed lately stays: a page of history that is on its way may
   * bring it in an older state.
   * @param {number} revision of the last change
   * @param {(place: number) => boolean} isNeeded
   */
  letGo(revision, isNeeded) {
    if (this.size <= HELD_MAX) return;
    const place = this.newest - HELD_NEWEST;
    const change = revision - HELD_NEWEST;
    this.drop((m) => m.sequence <= place && m.revision <= change && !isNeeded(m.sequence));
  }

  clear() {
    this.#messages.clear();
    this.#answers.clear();
    this.#newest = 0;
  }

  /** What stands at `answer` shows the message at `place`, which need not be held. */
  noteAnswer(place, answer) {
    if (!this.#answers.has(place)) this.#answers.set(place, new Set());
    this.#answers.get(place).add(answer);
  }
}

/** Places in order. Each is found by halving. */
export class Places {
  /** @type {number[]} ascending */
  #sequences = [];

  /** Ascending. Not to be changed. */
  get all() {
    return this.#sequences;
  }

  get first() {
    return this.#sequences[0];
  }

  get last() {
    return this.#sequences.at(-1);
  }

  has(sequence) {
    return sequence !== undefined && this.#sequences[this.#indexOf(sequence)] === sequence;
  }

  /** The one before this place, or undefined. */
  before(sequence) {
    return this.#sequences[this.#indexOf(sequence) - 1];
  }

  /** The one after this place, or undefined. */
  after(sequence) {
    return this.#sequences[this.#indexOf(sequence + 1)];
  }

  /** @param {number[]} sequences in any order */
  addAll(sequences) {
    for (const sequence of sequences) {
      const index = this.#indexOf(sequence);
      if (this.#sequences[index] !== sequence) this.#sequences.splice(index, 0, sequence);
    }
  }

  /** Drop all that are not from the first to the last of these places. */
  keep(first, last) {
    this.#sequences = this.#sequences.slice(this.#indexOf(first), this.#indexOf(last + 1));
  }

  /** @param {number[]} sequences ascending */
  replace(sequences) {
    this.#sequences = sequences;
  }

  /** Where the sequence is, or would be put. */
  #indexOf(sequence) {
    let low = 0;
    let high = this.#sequences.length;
    if (high && sequence > this.#sequences[high - 1]) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sequences[middle] < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
