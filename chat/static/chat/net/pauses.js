/** How long the server asked to wait, with everything or with one type of command. */

import { backoffMs } from "lobby/net/backoff";

const EVERYTHING = "everything";

export class Pauses {
  #environment;
  #onEnd;
  /** @type {Map<string, number>} timers by type of command */
  #timers = new Map();
  /** Types that were refused as too fast: they go one by one until none of them waits. */
  #careful = new Set();
  #inARow = 0;

  /**
   * @param {import("lobby/net/reconnecting_socket").Environment} environment
   * @param {() => void} onEnd
   */
  constructor(environment, onEnd) {
    this.#environment = environment;
    this.#onEnd = onEnd;
  }

  /** Wait with everything. Without a time: longer from one time to the next, until something is answered. */
  waitWithAll(seconds) {
    const { random } = this.#environment;
    this.#begin(
      EVERYTHING,
      seconds === undefined ? backoffMs(this.#inARow++, random) : seconds * 1000,
    );
  }

  /** Wait with this type of command; others may go. */
  waitWith(type, seconds) {
    this.#careful.add(type);
    this.#begin(type, seconds * 1000);
  }

  /** @returns {number} how many of this type may be under way */
  roomFor(type) {
    if (this.#timers.has(EVERYTHING) || this.#timers.has(type)) return 0;
    return this.#careful.has(type) ? 1 : Number.POSITIVE_INFINITY;
  }

  answered() {
    this.#inARow = 0;
  }

  /** None of this type waits any more. */
  relax(type) {
    this.#careful.delete(type);
  }

  /** Another connection begins without any. */
  clear() {
    for (const timer of this.#timers.values()) this.#environment.clearTimeout(timer);
    this.#timers.clear();
    this.#careful.clear();
  }

  #begin(type, ms) {
    if (this.#timers.has(type)) return;
    const end = () => {
      this.#timers.delete(type);
      this.#onEnd();
    };
    this.#timers.set(type, this.#environment.setTimeout(end, ms));
  }
}
