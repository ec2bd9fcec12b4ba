/**
 * What was written and is not yet known to be stored, kept across reloads.
 *
 * Each entry has a storage key of its own, so two tabs never overwrite each other's. Any tab may send
 * any entry: the server stores a client_id once. An entry belongs to the person who wrote it, so that
 * the next one to use this browser does not say it under another name.
 */

/**
 * @typedef {{client_id: string, message: string, at: number, reply_to?: number, reason?: string}} Entry
 *   `reason`: it was refused
 */

export class Outbox {
  #storage;
  #prefix;
  /** @type {Map<string, Entry>} where storage is closed to us or full */
  #memory = new Map();
  #lastAt = 0;

  /** @param {{storage: Storage|null, room: string, owner: string|null}} options */
  constructor({ storage, room, owner }) {
    this.#storage = storage;
    this.#prefix = `lobby:outbox:${encodeURIComponent(owner ?? "")}:${encodeURIComponent(room)}:`;
  }

  /** @returns {Entry[]} all that wait in this room, those of other tabs too, oldest first */
  get entries() {
    const entries = new Map([...this.#stored(), ...this.#memory]);
    return [...entries.values()].sort((a, b) => a.at - b.at);
  }

  /**
   * Keep a text. Entries of one tab are ordered by `at` even within a millisecond.
   * @returns {Entry}
   */
  put({ client_id, message, at, reply_to }) {
    this.#lastAt = Math.max(at, this.#lastAt + 0.001);
    return this.#keep({ client_id, message, at: this.#lastAt, reply_to });
  }

  /** Keep a text that was refused, until its author decides. */
  putRefused({ client_id, message, at, reply_to }, reason) {
    this.#keep({ client_id, message, at, reply_to, reason });
  }

  #keep(entry) {
    const { client_id } = entry;
    try {
      this.#storage.setItem(this.#prefix + client_id, JSON.stringify(entry));
    } catch {
      this.#memory.set(client_id, entry);
    }
    return entry;
  }

  remove(clientId) {
    this.#memory.delete(clientId);
    try {
      this.#storage.removeItem(this.#prefix + clientId);
    } catch {
      // It was only in memory.
    }
  }

  /**
   * The client_id that another tab has just taken out, by a `storage` event; else null.
   * @param {{key: string|null, newValue: string|null}} event
   */
  takenOutBy({ key, newValue }) {
    if (newValue !== null || !key?.startsWith(this.#prefix)) return null;
    return key.slice(this.#prefix.length);
  }

  /** @returns {Map<string, Entry>} */
  #stored() {
    const entries = new Map();
    try {
      for (let index = 0; index < this.#storage.length; index++) {
        const key = this.#storage.key(index);
        if (!key?.startsWith(this.#prefix)) continue;
        const entry = readEntry(this.#storage.getItem(key));
        if (entry) entries.set(entry.client_id, entry);
      }
    } catch {
      // Private mode: there is only memory.
    }
    return entries;
  }
}

/** @returns {Entry|null} null for what is not ours or was cut off */
function readEntry(text) {
  try {
    const { client_id, message, at, reply_to, reason } = JSON.parse(text);
    const isEntry = typeof client_id === "string" && typeof message === "string";
    if (!isEntry) return null;
    return {
      client_id,
      message,
      at: Number(at) || 0,
      ...(Number.isSafeInteger(reply_to) && { reply_to }),
      ...(typeof reason === "string" && { reason }),
    };
  } catch {
    return null;
  }
}
