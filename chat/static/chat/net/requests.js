/** Writes that somebody waits for: each is a promise, kept by its `ack` and broken by its refusal. */

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

export class Acts {
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

  /** @returns {boolean} whether it was an act */
  done(ack) {
    const waiter = this.#end(ack.client_id);
    waiter?.resolve(ack);
    return Boolean(waiter);
  }

  /** @returns {boolean} whether it was an act */
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
