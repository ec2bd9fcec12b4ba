/** The places of the messages that are shown, in order. Each is found by halving. Pure state. */

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

  add(sequence) {
    const index = this.#indexOf(sequence);
    if (this.#sequences[index] !== sequence) this.#sequences.splice(index, 0, sequence);
  }

  /** @param {number[]} sequences ascending, and all before the first */
  addInFront(sequences) {
    this.#sequences.unshift(...sequences);
  }

  /** Drop this place and all before it. */
  dropUpTo(sequence) {
    this.#sequences.splice(0, this.#indexOf(sequence + 1));
  }

  clear() {
    this.#sequences = [];
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
