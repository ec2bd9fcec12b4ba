/** What somebody waits for an answer to: each is a promise. */

/** Why something was not done: `message` is for people, `code` one of docs/PROTOCOL.md or "gone". */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} [message]
   */
  constructor(code, message = "") {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

/** The socket is closed for good: nobody will answer. */
const GONE = "gone";

/** Writes: resolved by their `ack`, rejected by their refusal. */
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

/** The question for a page of messages: one at a time. */
export class History {
  #timeline;
  /** @type {{before: number, isApart: boolean, epoch: string|null, resolve: () => void,
   *   reject: (reason: Error) => void}|null} */
  #asked = null;

  /** @param {import("../state/timeline.js").Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
  }

  get isAsked() {
    return this.#asked !== null;
  }

  /**
   * @param {number} before
   * @param {boolean} isApart the page is shown instead of what is held
   * @returns {Promise<void>} until the page is in the timeline
   */
  ask(before, isApart) {
    const { epoch } = this.#timeline.cursor;
    return new Promise((resolve, reject) => {
      this.#asked = { before, isApart, epoch, resolve, reject };
    });
  }

  /** A page of another epoch than it was asked for in is ignored. */
  answer(page) {
    const asked = this.#asked;
    this.#asked = null;
    if (!asked) return;
    if (asked.epoch === this.#timeline.cursor.epoch) this.#take(page, asked);
    asked.resolve();
  }

  #take(page, { before, isApart }) {
    if (isApart) this.#timeline.showApart(page);
    else this.#timeline.applyHistory(page, before);
  }

  /** There will be no answer. */
  giveUp(reason) {
    this.#asked?.reject(new Error(reason));
    this.#asked = null;
  }
}
