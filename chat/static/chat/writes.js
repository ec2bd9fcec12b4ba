/**
 * Commands that change something and wait for their `ack` or `error`, in the order they were given.
 * Holds back what is over the server's cap, and everything while the server asks for patience.
 */

/** @typedef {{type: string, client_id: string}} Command */

export class Writes {
  /** @type {Map<string, {command: Command, isInFlight: boolean}>} */
  #writes = new Map();
  #inFlight = 0;
  #cap = 32;

  get size() {
    return this.#writes.size;
  }

  get inFlight() {
    return this.#inFlight;
  }

  /** @param {number} cap how many may wait for an answer at once */
  set cap(cap) {
    this.#cap = cap;
  }

  has(clientId) {
    return this.#writes.has(clientId);
  }

  /** @param {Command} command */
  add(command) {
    if (!this.has(command.client_id)) {
      this.#writes.set(command.client_id, { command, isInFlight: false });
    }
  }

  /** It is answered, or no longer wanted. */
  drop(clientId) {
    if (this.#writes.get(clientId)?.isInFlight) this.#inFlight--;
    this.#writes.delete(clientId);
  }

  /** The server wants this one again. */
  hold(clientId) {
    const write = this.#writes.get(clientId);
    if (!write?.isInFlight) return;
    write.isInFlight = false;
    this.#inFlight--;
  }

  /** The socket is gone, and with it every answer that was on its way. */
  holdAll() {
    for (const write of this.#writes.values()) write.isInFlight = false;
    this.#inFlight = 0;
  }

  /** Hand out what may go now, oldest first. @param {(command: Command) => void} send */
  release(send) {
    for (const write of this.#writes.values()) {
      if (this.#inFlight >= this.#cap) return;
      if (write.isInFlight) continue;
      write.isInFlight = true;
      this.#inFlight++;
      send(write.command);
    }
  }
}
