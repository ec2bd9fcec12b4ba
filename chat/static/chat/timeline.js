/**
 * What this browser holds of a room: messages by place, what waits to be stored, and the cursor.
 * Pure state. It follows "The cursor" in docs/PROTOCOL.md and knows no page and no socket.
 */

import { Folds } from "lobby/folds";

/**
 * @typedef {{id: string|null, name: string, verified?: boolean}} Author
 * @typedef {{sequence: number, revision: number, author: Author, message: string, html: string,
 *   sent_at: string, client_id: string, edited_at?: string, deleted?: boolean, reply_to?: number}} Message
 * @typedef {"waiting"|"sent"|"failed"} PendingState
 * @typedef {{client_id: string, message: string, at: number, reply_to?: number, state: PendingState,
 *   reason?: string, goesAt?: number, sequence?: number, revision?: number}} Pending
 * @typedef {{epoch: string, after: number, revision: number, messages: Message[],
 *   room?: {name: string, topic: string}, reset?: boolean, more?: boolean}} ChangesFrame
 * @typedef {{reset?: boolean, sequences?: number[], pending?: string[], settled?: string[], room?: boolean}} Change
 *   `sequences` and `pending` are to be drawn again; `settled` are client_ids that wait no longer.
 */

/** @typedef {{name: string, topic: string, private?: boolean, password?: boolean, read_only?: boolean,
 *   slow_mode?: number, retention_days?: number, closed?: boolean, purged_through?: number, pinned?: number}} Room */

/** @type {Room} */
const NOTHING_KNOWN = { name: "", topic: "" };

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
  #room = NOTHING_KNOWN;
  /** @type {Map<number, Set<number>>} what answers a message, by the place of that message */
  #answers = new Map();
  #folds = new Folds();

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

  /** Messages up to this place are gone. */
  get purgedThrough() {
    return this.#room.purged_through ?? 0;
  }

  /** @param {string[]} ids whose messages are shown only when they are asked for */
  set blocked(ids) {
    const authors = this.#folds.change(ids);
    this.#emit({
      sequences: this.#sequences.filter((n) => authors.has(this.message(n).author.id)),
    });
  }

  /** Its author is blocked, and nobody asked to see it. */
  isFolded(message) {
    return this.#folds.has(message);
  }

  /** Show a folded message after all. */
  unfold(sequence) {
    this.#folds.open(sequence);
    this.redraw(sequence);
  }

  /** What is known of this message beside its state has changed. */
  redraw(sequence) {
    this.#emit({ sequences: [sequence] });
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
      .filter((m) => !m.deleted && !this.isFolded(m));
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
    const pinned = this.#room.pinned;
    const room = this.#takeRoom(frame);
    const reset = room && this.#purge();
    const sequences = frame.messages.filter((m) => this.#upsert(m, settled)).map((m) => m.sequence);
    if (!isGap) this.#cursor.revision = Math.max(this.#cursor.revision, frame.revision);
    if (this.#room.pinned !== pinned)
      sequences.push(...[pinned, this.#room.pinned].filter((n) => this.#isShown(n)));
    this.#emit({ reset, sequences, settled, room });
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
    const isWanted = ({ sequence }) => sequence < before && sequence > this.purgedThrough;
    const older = page.messages.filter(isWanted);
    this.#more = page.more && older.length > 0;
    const settled = [];
    for (const message of older) this.#keep(message, settled);
    const sequences = older.map((message) => message.sequence);
    this.#sequences.unshift(...sequences);
    this.#emit({ sequences, settled });
  }

  /** Show what was just written. Adding the same client_id again does nothing. */
  addPending({ client_id, message, at, reply_to }) {
    if (this.#pending.has(client_id)) return;
    this.#pending.set(client_id, { client_id, message, at, reply_to, state: "waiting" });
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
    this.#change(clientId, { state: "waiting", reason: undefined, goesAt: undefined });
  }

  /** The server wants it later, for a reason for people; `goesAt` in milliseconds. */
  holdBack(clientId, reason, goesAt) {
    this.#change(clientId, { state: "waiting", reason, goesAt });
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
    this.#room = NOTHING_KNOWN;
    const room = this.#takeRoom(frame);
    this.#messages.clear();
    this.#answers.clear();
    this.#sequences = [];
    this.#cursor = { epoch: frame.epoch, revision: frame.revision };
    this.#more = false;
    for (const message of frame.messages) this.#upsert(message, settled);
    this.#more = Boolean(frame.more);
    this.#emit({ reset: true, settled, room });
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
    this.#noteAnswer(message);
    return true;
  }

  #noteAnswer({ sequence, reply_to }) {
    if (!reply_to) return;
    if (!this.#answers.has(reply_to)) this.#answers.set(reply_to, new Set());
    this.#answers.get(reply_to).add(sequence);
  }

  /** Let go of what the room no longer keeps. @returns {boolean} whether anything of it was held */
  #purge() {
    const gone = [...this.#messages.keys()].filter((sequence) => sequence <= this.purgedThrough);
    for (const sequence of gone) this.#messages.delete(sequence);
    this.#sequences.splice(0, this.#indexOf(this.purgedThrough + 1));
    this.#more &&= this.first > this.purgedThrough + 1;
    return gone.length > 0;
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
    if (change.sequences) change.sequences = this.#withAnswers(change.sequences);
    for (const listener of this.#listeners) listener(change);
  }

  /** An answer shows what it answers: it changes with it. */
  #withAnswers(sequences) {
    const answers = sequences.flatMap((sequence) => [...(this.#answers.get(sequence) ?? [])]);
    return [...new Set([...sequences, ...answers.filter((answer) => this.#isShown(answer))])];
  }

  #isShown(sequence) {
    return sequence !== undefined && this.#sequences[this.#indexOf(sequence)] === sequence;
  }
}
