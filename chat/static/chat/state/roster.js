/** Who is here, as far as the server says: everybody up to 100, beyond that only how many. Pure state. */

/**
 * @typedef {{id: string, name: string, verified?: boolean, role?: string}} Person
 * @typedef {{count: number, joined?: Person[], left?: string[], present?: Person[]}} Presence
 */

export class Roster {
  /** @type {Map<string, Person>} */
  #people = new Map();
  #count = 0;
  #listeners = new Set();
  #byName;

  /** @param {string} [locale] in whose order names are listed */
  constructor(locale) {
    this.#byName = new Intl.Collator(locale, { numeric: true });
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * Take a `welcome` or a `presence` frame. `present` is everybody; who joined may be here already,
   * under another name or in another role.
   * @param {Presence} frame
   */
  take({ count, joined = [], left = [], present }) {
    if (present) this.#people.clear();
    for (const person of [...(present ?? []), ...joined]) this.#people.set(person.id, person);
    for (const id of left) this.#people.delete(id);
    this.#count = count;
    for (const listener of this.#listeners) listener();
  }

  get count() {
    return this.#count;
  }

  /** Everybody who is here is known by name. */
  get isComplete() {
    return this.#people.size >= this.#count;
  }

  /** @returns {Person|undefined} */
  find(id) {
    return this.#people.get(id);
  }

  /** By name. @returns {string[]} */
  get names() {
    return this.sorted(this.#people.values()).map(({ name }) => name);
  }

  /** By name, and first of all oneself. @returns {Person[]} */
  list(yourId) {
    return this.sorted(this.#people.values(), yourId);
  }

  /** @param {Iterable<Person>} people */
  sorted(people, yourId) {
    const isYou = ({ id }) => id === yourId;
    const { compare } = this.#byName;
    return [...people].sort(
      (a, b) => isYou(b) - isYou(a) || compare(a.name, b.name) || (a.id < b.id ? -1 : 1),
    );
  }
}
