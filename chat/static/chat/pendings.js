/** What one has written and has not seen come back yet, in the order it was written. Pure state. */

export class Pendings {
  /** @type {Map<string, import("lobby/timeline").Pending>} by client_id */
  #all = new Map();
  #onChange;

  /** @param {(clientId: string) => void} onChange it is to be drawn again */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** @returns {import("lobby/timeline").Pending[]} */
  get all() {
    return [...this.#all.values()];
  }

  get(clientId) {
    return this.#all.get(clientId);
  }

  /** Show what was just written. Adding the same client_id again does nothing. */
  add({ client_id, message, at, reply_to }) {
    if (this.#all.has(client_id)) return;
    this.#all.set(client_id, { client_id, message, at, reply_to, state: "waiting" });
    this.#onChange(client_id);
  }

  /** It is stored. It stays in sight until the message itself arrives. */
  stored(clientId, sequence, revision) {
    this.#change(clientId, { state: "sent", sequence, revision });
  }

  /** The server refused it, with a reason for people. */
  fail(clientId, reason) {
    this.#change(clientId, { state: "failed", reason });
  }

  /** A failed one is on its way again. */
  retry(clientId) {
    this.#change(clientId, { state: "waiting", reason: undefined, goesAt: undefined });
  }

  /** The server wants it later, for a reason for people; `goesAt` in milliseconds. */
  holdBack(clientId, reason, goesAt) {
    this.#change(clientId, { state: "waiting", reason, goesAt });
  }

  /** It goes without having been sent from here. */
  forget(clientId) {
    if (this.drop(clientId)) this.#onChange(clientId);
  }

  /** The message itself is here, or was. @returns {boolean} whether it was awaited */
  drop(clientId) {
    return this.#all.delete(clientId);
  }

  #change(clientId, values) {
    const pending = this.#all.get(clientId);
    if (!pending) return;
    this.#all.set(clientId, { ...pending, ...values });
    this.#onChange(clientId);
  }
}
