/**
 * What was written and is not yet known to be stored, kept across reloads: messages, and changes of messages.
 *
 * Each entry has a storage key of its own, so two tabs never overwrite each other's. Any tab may send
 * any entry: the server stores a client_id once. An entry belongs to the person who wrote it, so that
 * the next one to use this browser does not say it under another name.
 */

/**
 * @typedef {{id: string, name: string, size: number, type: string, kind: "image"|"audio"|"video"|"file", width?: number,
 *   height?: number, alt?: string}} Chosen a file, by its id in this browser
 * @typedef {{client_id: string, message: string, at: number, reply_to?: number, mentions?: string[], reason?: string,
 *   files?: Chosen[], type?: "edit"|"delete"|"react", target?: string, sequence?: number, revision?: number,
 *   epoch?: string|null, emoji?: string, on?: boolean}} Entry
 *   `reason`: it was refused. `type`: it changes the message that was written under the client_id `target`.
 *   That stands at `sequence`, if it is known to be stored, and was seen at `revision`, in the room's `epoch`
 */

/** What is kept of an entry, and of which type it is. */
const FIELDS = {
  client_id: "string",
  message: "string",
  at: "number",
  reply_to: "number",
  mentions: "object",
  files: "object",
  reason: "string",
  type: "string",
  target: "string",
  sequence: "number",
  revision: "number",
  epoch: "string",
  emoji: "string",
  on: "boolean",
};

export class Outbox {
  #storage;
  #room;
  /** Of the keys of this owner's entries. */
  #prefix = "";
  /** Of those whose entries this page held before. @type {Set<string>} */
  #formerPrefixes = new Set();
  /** @type {Map<string, Entry>} where storage is closed to us or full */
  #memory = new Map();
  #lastAt = 0;

  /** @param {{storage: Storage|null, room: string, owner: string|null}} options */
  constructor({ storage, room, owner }) {
    this.#storage = storage;
    this.#room = room;
    this.owner = owner;
  }

  /** Whose entries are kept from now on. Those of the one before stay theirs until they are kept anew or removed. */
  set owner(owner) {
    this.#formerPrefixes.add(this.#prefix);
    this.#prefix = `lobby:outbox:${encodeURIComponent(owner ?? "")}:${encodeURIComponent(this.#room)}:`;
    this.#formerPrefixes.delete(this.#prefix);
    this.#memory.clear();
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
  put(entry) {
    this.#lastAt = Math.max(entry.at, this.#lastAt + 0.001);
    return this.keep({ ...entry, at: this.#lastAt });
  }

  /** Keep an entry at its place. With a `reason` it stays until its author decides. */
  keep(values) {
    const entry = cleanEntry(values);
    const { client_id } = entry;
    try {
      this.#storage.setItem(this.#prefix + client_id, JSON.stringify(entry));
      this.#memory.delete(client_id);
      this.#removeFormer(client_id);
    } catch {
      this.#memory.set(client_id, entry);
    }
    return entry;
  }

  has(clientId) {
    return this.get(clientId) !== undefined;
  }

  /** @returns {Entry|undefined} */
  get(clientId) {
    return this.#memory.get(clientId) ?? this.#stored().get(clientId);
  }

  remove(clientId) {
    this.#memory.delete(clientId);
    try {
      this.#storage.removeItem(this.#prefix + clientId);
      this.#removeFormer(clientId);
    } catch {
      // It was only in memory.
    }
  }

  #removeFormer(clientId) {
    for (const prefix of this.#formerPrefixes) this.#storage.removeItem(prefix + clientId);
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
    const entry = cleanEntry({ at: 0, ...JSON.parse(text) });
    return entry.client_id !== undefined && entry.message !== undefined ? entry : null;
  } catch {
    return null;
  }
}

/** The known fields that have the right type. */
function cleanEntry(values) {
  const isKnown = ([field, value]) =>
    Object.hasOwn(FIELDS, field) && typeof value === FIELDS[field];
  return /** @type {Entry} */ (Object.fromEntries(Object.entries(values).filter(isKnown)));
}
