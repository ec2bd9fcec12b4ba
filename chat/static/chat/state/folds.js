/** Whose messages one does not want to read, and which of them one looked at all the same. Pure state. */

export class Folds {
  /** @type {Set<string|null>} ids */
  #blocked = new Set();
  /** @type {Set<number>} sequences */
  #opened = new Set();

  /** @param {string[]} ids of all who are blocked now @returns {Set<string>} those for whom that changed */
  change(ids) {
    const blocked = new Set(ids);
    const changed = [...new Set([...ids, ...this.#blocked])].filter(
      (id) => blocked.has(id) !== this.#blocked.has(id),
    );
    this.#blocked = blocked;
    if (changed.length) this.#opened.clear();
    return new Set(changed);
  }

  open(sequence) {
    this.#opened.add(sequence);
  }

  /** @param {import("lobby/state/timeline").Message} message */
  has({ sequence, author }) {
    return this.#blocked.has(author.id) && !this.#opened.has(sequence);
  }
}
