/**
 * What this browser holds of a room: messages by place, what waits to be stored, and the cursor.
 * Pure state. It follows "The cursor" in docs/PROTOCOL.md and knows no page and no socket.
 */

/**
 * @typedef {{id: string|null, name: string, verified?: boolean}} Author
 * @typedef {{sequence: number, revision: number, author: Author, message: string, html: string,
 *   sent_at: string, client_id: string, edited_at?: string, deleted?: boolean, reply_to?: number}} Message
 * @typedef {"waiting"|"sent"|"failed"} PendingState
 * @typedef {{client_id: string, message: string, at: number, state: PendingState, reason?: string,
 *   sequence?: number, revision?: number}} Pending
 * @typedef {{epoch: string, after: number, revision: number, messages: Message[],
 *   room?: {name: string, topic: string}, reset?: boolean, more?: boolean}} ChangesFrame
 * @typedef {{reset?: boolean, sequences?: number[], pending?: string[], settled?: string[], room?: boolean}} Change
 *   `sequences` and `pending` are to be drawn again; `settled` are client_ids that wait no longer.
 */

export class Timeline {
  /** @type {Map<number, Message>} also the changed ones from before the first that is shown */
  #messages = new Map();
  /** @type {number[]} the shown sequences, ascending */
  #sequences = [];
  /** @type {Map<string, Pending>} in the order they were written */
  #pending = new Map();
  #cursor = { epoch: /** @type {string|null} */ (null), revision: 0 };
  #listeners = new Set();
  #more = false;
  #room = { name: "", topic: "" };

  /** @param {(change: Change) => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** Up to here everything is held without a hole. `epoch` is null while nothing is held. */
  get cursor() {
    return { ...this.#cursor };
  }

  /** Older messages exist than the first one shown. */
  get hasOlder() {
    return this.#more;
  }

  get room() {
    return this.#room;
  }

  /** The shown sequences, ascending. Not to be changed. */
  get sequences() {
    return this.#sequences;
  }

  get first() {
    return this.#sequences[0];
  }

  get last() {
    return this.#sequences.at(-1);
  }

  /** @returns {Pending[]} in the order they were written */
  get pending() {
    return [...this.#pending.values()];
  }

  /** Every text shown, waiting ones too, each followed by a newline. */
  get text() {
    const said = this.#sequences
      .map((sequence) => this.message(sequence))
      .filter((m) => !m.deleted);
    return [...said, ...this.#pending.values()].map(({ message }) => `${message}\n`).join("");
  }

  message(sequence) {
    return this.#messages.get(sequence);
  }

  pendingOf(clientId) {
    return this.#pending.get(clientId);
  }

  /** The message written under this client_id is here. */
  holds(clientId) {
    return [...this.#messages.values()].some((message) => message.client_id === clientId);
  }

  /** The shown sequence before this one, or undefined. */
  before(sequence) {
    return this.#sequences[this.#indexOf(sequence) - 1];
  }

  /** The shown sequence after this one, or undefined. */
  after(sequence) {
    const index = this.#indexOf(sequence);
    return this.#sequences[this.#sequences[index] === sequence ? index + 1 : index];
  }

  /**
   * Take a `changes` frame, live or resumed.
   * @param {ChangesFrame} frame
   * @returns {boolean} whether something is missing, so that a `resume` is needed
   */
  applyChanges(frame) {
    if (frame.reset) {
      this.#reset(frame);
      return false;
    }
    if (frame.epoch !== this.#cursor.epoch) {
      const isTheBeginning = this.#cursor.epoch === null && frame.after === 0;
      if (!isTheBeginning) return true;
      this.#cursor.epoch = frame.epoch;
    }
    const isGap = frame.after > this.#cursor.revision;
    const settled = [];
    const sequences = frame.messages.filter((m) => this.#upsert(m, settled)).map((m) => m.sequence);
    if (!isGap) this.#cursor.revision = Math.max(this.#cursor.revision, frame.revision);
    this.#emit({ sequences, settled, room: this.#takeRoom(frame) });
    return isGap;
  }

  /**
   * Put a page of older messages in front. A page that does not end right before the first message
   * shown (because a reset came in between) is ignored.
   * @param {{messages: Message[], more: boolean}} page
   * @param {number} before the sequence it was asked for with
   */
  applyHistory(page, before) {
    if (before !== this.first) return;
    const older = page.messages.filter((message) => message.sequence < before);
    this.#more = page.more && older.length > 0;
    const settled = [];
    for (const message of older) this.#keep(message, settled);
    const sequences = older.map((message) => message.sequence);
    this.#sequences.unshift(...sequences);
    this.#emit({ sequences, settled });
  }

  /** Show what was just written. Adding the same client_id again does nothing. */
  addPending({ client_id, message, at }) {
    if (this.#pending.has(client_id)) return;
    this.#pending.set(client_id, { client_id, message, at, state: "waiting" });
    this.#emit({ pending: [client_id] });
  }

  /** It is stored. It stays in sight until the message itself arrives. */
  acknowledge({ client_id, sequence, revision }) {
    const pending = this.#pending.get(client_id);
    if (!pending) return;
    const isHeldOrOlder = revision <= this.#cursor.revision || this.#messages.has(sequence);
    if (isHeldOrOlder) this.#pending.delete(client_id);
    else this.#pending.set(client_id, { ...pending, state: "sent", sequence, revision });
    this.#emit({ pending: [client_id], settled: [client_id] });
  }

  /** The server refused it, with a reason for people. */
  fail(clientId, reason) {
    this.#change(clientId, { state: "failed", reason });
  }

  /** A failed one is on its way again. */
  retry(clientId) {
    this.#change(clientId, { state: "waiting", reason: undefined });
  }

  /** A pending one goes without having been sent from here. */
  forget(clientId) {
    if (this.#pending.delete(clientId)) this.#emit({ pending: [clientId] });
  }

  #change(clientId, values) {
    const pending = this.#pending.get(clientId);
    if (!pending) return;
    this.#pending.set(clientId, { ...pending, ...values });
    this.#emit({ pending: [clientId] });
  }

  #reset(frame) {
    const settled = [];
    const isSameLife = frame.epoch === this.#cursor.epoch;
    for (const pending of this.#pending.values()) {
      const isAwaited = isSameLife && pending.revision > frame.revision;
      if (pending.state === "sent" && !isAwaited) this.#pending.delete(pending.client_id);
    }
    this.#messages.clear();
    this.#sequences = [];
    this.#cursor = { epoch: frame.epoch, revision: frame.revision };
    this.#more = false;
    for (const message of frame.messages) this.#upsert(message, settled);
    this.#more = Boolean(frame.more);
    this.#emit({ reset: true, settled, room: this.#takeRoom(frame) });
  }

  /** @returns {boolean} whether it is to be drawn */
  #upsert(message, settled) {
    const { sequence } = message;
    // A hole would open below the first message shown: history brings it when it is asked for.
    const isOutOfSight = this.#more && sequence < this.first;
    const isNew = this.#keep(message, settled);
    if (isOutOfSight || !isNew) return false;
    const index = this.#indexOf(sequence);
    if (this.#sequences[index] !== sequence) this.#sequences.splice(index, 0, sequence);
    return true;
  }

  /** Hold the newest state of a message. @returns {boolean} false when it is no newer than what is held */
  #keep(message, settled) {
    if (this.#pending.delete(message.client_id)) settled.push(message.client_id);
    const held = this.#messages.get(message.sequence);
    if (held && held.revision >= message.revision) return false;
    this.#messages.set(message.sequence, message);
    return true;
  }

  #takeRoom(frame) {
    if (frame.room) this.#room = frame.room;
    return Boolean(frame.room);
  }

  /** Where the sequence is, or would be put. */
  #indexOf(sequence) {
    let low = 0;
    let high = this.#sequences.length;
    if (high && sequence > this.#sequences[high - 1]) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sequences[middle] < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #emit(change) {
    for (const listener of this.#listeners) listener(change);
  }
}
