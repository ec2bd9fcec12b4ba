/**
 * Commands that change something and wait for their `ack` or `error`, in the order they were given.
 * Holds back what is over the server's cap, and what the server asks patience for.
 */

import { backoffMs } from "./reconnecting_socket.js";

/** All types of commands, where a pause is for them all. */
const EVERYTHING = "everything";

/** @typedef {{type: string, client_id: string, sequence?: number}} Command */

/** What changes a message waits for what was done to it before: an edit names the revision that this made. */
const CHANGES = new Set(["edit", "delete", "react"]);

export class Writes {
  /** @type {Map<string, {command: Command, isInFlight: boolean}>} */
  #writes = new Map();
  /** @type {Map<string, number>} how many wait for their answer, by type */
  #inFlight = new Map();
  #cap = 32;

  get inFlight() {
    return [...this.#inFlight.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @param {number} cap how many may wait for an answer at once */
  set cap(cap) {
    this.#cap = cap;
  }

  has(clientId) {
    return this.#writes.has(clientId);
  }

  isInFlight(clientId) {
    return this.#writes.get(clientId)?.isInFlight ?? false;
  }

  /** @returns {string|undefined} */
  typeOf(clientId) {
    return this.#writes.get(clientId)?.command.type;
  }

  hasType(type) {
    return [...this.#writes.values()].some(({ command }) => command.type === type);
  }

  /** One that is known already takes its place, unless it is on its way. @param {Command} command */
  add(command) {
    if (this.#writes.get(command.client_id)?.isInFlight) return;
    this.#writes.set(command.client_id, { command, isInFlight: false });
  }

  /** It is answered, or no longer wanted. */
  drop(clientId) {
    this.hold(clientId);
    this.#writes.delete(clientId);
  }

  /** The server wants this one again. */
  hold(clientId) {
    const write = this.#writes.get(clientId);
    if (!write?.isInFlight) return;
    write.isInFlight = false;
    this.#count(write.command.type, -1);
  }

  /** The socket is gone, and with it every answer that was on its way. */
  holdAll() {
    for (const write of this.#writes.values()) write.isInFlight = false;
    this.#inFlight.clear();
  }

  /**
   * Hand out what may go now, oldest first.
   * @param {(command: Command) => void} send
   * @param {(type: string) => number} roomFor how many of a type may wait for their answer
   */
  release(send, roomFor) {
    const changing = new Set();
    for (const write of this.#writes.values()) {
      if (this.inFlight >= this.#cap) return;
      const { type, sequence } = write.command;
      const isBehind = CHANGES.has(type) && changing.has(sequence);
      if (CHANGES.has(type)) changing.add(sequence);
      if (isBehind || write.isInFlight || (this.#inFlight.get(type) ?? 0) >= roomFor(type))
        continue;
      write.isInFlight = true;
      this.#count(type, 1);
      send(write.command);
    }
  }

  #count(type, change) {
    this.#inFlight.set(type, (this.#inFlight.get(type) ?? 0) + change);
  }
}

/** How long the server asked to wait, with everything or with one type of command. */
export class Pauses {
  #environment;
  #onEnd;
  /** @type {Map<string, number>} timers by type of command */
  #timers = new Map();
  /** Types that were refused as too fast: they go one by one until none of them waits. */
  #careful = new Set();
  #inARow = 0;

  /**
   * @param {import("./reconnecting_socket.js").Environment} environment
   * @param {() => void} onEnd
   */
  constructor(environment, onEnd) {
    this.#environment = environment;
    this.#onEnd = onEnd;
  }

  /** Wait with everything. Without a time: longer from one time to the next, until something is answered. */
  waitWithAll(seconds) {
    const isTold = seconds !== undefined;
    const ms = isTold ? seconds * 1000 : backoffMs(this.#inARow++, this.#environment.random);
    this.#begin(EVERYTHING, ms);
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

/** Why something was not done: `message` is for people, `code` one of docs/PROTOCOL.md or "gone". */
class Refusal extends Error {
  constructor(code, message = "") {
    super(message);
    this.code = code;
  }
}

/** The socket is closed for good: nobody will answer. */
const GONE = "gone";

/** Who waits for a write: a promise that its `ack` resolves and its refusal rejects. */
export class Acknowledgements {
  /** @type {Map<string, {resolve: (ack?: object) => void, reject: (reason: Refusal) => void}>} */
  #waiters = new Map();

  /** @returns {Promise<object|undefined>} the ack; undefined when another act took its place */
  wait(clientId) {
    return new Promise((resolve, reject) => this.#waiters.set(clientId, { resolve, reject }));
  }

  /** Another one took its place. */
  replace(clientId) {
    this.#end(clientId)?.resolve();
  }

  /** @returns {boolean} whether somebody waited for it */
  done(ack) {
    const waiter = this.#end(ack.client_id);
    waiter?.resolve(ack);
    return Boolean(waiter);
  }

  /** @returns {boolean} whether somebody waited for it */
  refused({ client_id, code, message }) {
    const waiter = this.#end(client_id);
    waiter?.reject(new Refusal(code, message));
    return Boolean(waiter);
  }

  /** No answer will come any more. @returns {string[]} whose answers were waited for */
  giveUp() {
    const clientIds = [...this.#waiters.keys()];
    for (const client_id of clientIds) this.refused({ client_id, code: GONE });
    return clientIds;
  }

  #end(clientId) {
    const waiter = this.#waiters.get(clientId);
    this.#waiters.delete(clientId);
    return waiter;
  }
}
