/**
 * What this browser holds of a room: messages by place, what waits to be stored, and the cursor.
 * Pure state. It follows "The cursor" in docs/PROTOCOL.md.
 */

import { Messages, Places } from "./messages.js";
import { asItWillBe, Pendings } from "./pendings.js";

/**
 * @typedef {import("./messages.js").Message} Message
 * @typedef {{epoch: string, after: number, revision: number, messages: Message[],
 *   room?: {name: string, topic: string}, reset?: boolean, more?: boolean}} ChangesFrame
 * @typedef {{reset?: boolean, sequences?: number[], pending?: string[], settled?: string[], room?: boolean}} Change
 *   `sequences` are to be drawn again; `pending` and `settled` are client_ids of what has changed and waits no longer.
 * @typedef {{name: string, topic: string, private?: boolean, password?: boolean, read_only?: boolean,
 *   slow_mode?: number, retention_days?: number, closed?: boolean, purged_through?: number, pinned?: number, uploads?: false}} Room
 */

/** So many messages are shown again on either side of one that is held. */
const AROUND = 50;

/** @type {Room} */
const NOTHING_KNOWN = { name: "", topic: "" };

export class Timeline {
  /** A window: a stretch of the room, as long as the log can draw it. Not to be changed from outside. */
  shown = new Places();
  /** What was written and is not held yet. */
  pendings = new Pendings((pending) => this.#pendingChanged(pending));
  room = NOTHING_KNOWN;
  /** The place of the message at whose link the room was opened. @type {number|undefined} */
  linked;
  /** The client_id of the message that one is changing. @type {string|undefined} */
  marked;
  /** Also those that are not shown. */
  #messages = new Messages();
  /** Messages of blocked people that one looks at all the same. @type {Set<number>} */
  #unfolded = new Set();
  #me;
  #nobody;
  #cursor = { epoch: /** @type {string|null} */ (null), revision: 0 };
  #listeners = new Set();
  /** No message is older than this place: the first one that was shown, unless older ones exist. */
  #beginning = Infinity;

  /**
   * @param {import("./me.js").Me} me who reads: what they have asked for is shown before it is stored
   * @param {string} [nobody] the name of authors who are gone
   */
  constructor(me, nobody) {
    this.#me = me;
    this.#nobody = nobody;
    me.subscribe(({ blocked }) => {
      if (blocked.size) this.#unfolded.clear();
      const isTheirs = (sequence) => blocked.has(this.#messages.get(sequence).author.id);
      if (blocked.size) this.#emit({ sequences: this.shown.all.filter(isTheirs) });
    });
  }

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
    return this.first > Math.max(this.#beginning, this.purgedThrough + 1);
  }

  /** Newer messages exist than the last one shown: one reads further up. */
  get hasNewer() {
    return this.last < this.newest;
  }

  /** The place of the newest message held, shown or not. */
  get newest() {
    return this.#messages.newest;
  }

  /** Messages up to this place are gone. */
  get purgedThrough() {
    return this.room.purged_through ?? 0;
  }

  /** Its author is blocked, and nobody asked to see it. */
  isFolded({ sequence, author }) {
    return this.#me.isBlocked(author.id) && !this.#unfolded.has(sequence);
  }

  /** Show a folded message after all. */
  unfold(sequence) {
    this.#unfolded.add(sequence);
    this.redraw(sequence);
  }

  /** The message at `from` shows the one at `place`, and is drawn again when that changes. */
  noteLink(place, from) {
    this.#messages.noteAnswer(place, from);
  }

  /** @param {string|undefined} clientId the message that one is changing */
  mark(clientId) {
    const places = [this.marked, clientId].map((id) => id && this.find(id)?.sequence);
    this.marked = clientId;
    const sequences = places.filter((place) => this.shown.has(place));
    if (sequences.length) this.#emit({ sequences });
  }

  /** Hold messages that are not to be shown by themselves. */
  hold(messages) {
    const { places, settled } = this.#keepPage({ messages, more: true });
    this.#emit({ sequences: this.#answersTo(places), settled });
  }

  redraw(sequence) {
    this.#emit({ sequences: [sequence] });
  }

  get first() {
    return this.shown.first;
  }

  get last() {
    return this.shown.last;
  }

  /** Every text shown, waiting ones too, each followed by a newline. What has left the window is not in it. */
  get text() {
    const messages = this.shown.all.map((sequence) => this.message(sequence));
    const said = messages.filter((message) => !message.deleted && !this.isFolded(message));
    return [...said, ...this.pendings.posts].map(({ message }) => `${message}\n`).join("");
  }

  /** In its newest state, and as it will be when what one has asked for is stored. */
  message(sequence) {
    const message = this.#messages.get(sequence);
    const changes = message && this.pendings.changesOf(message.client_id);
    return message && asItWillBe(message, changes, this.#me.you);
  }

  /** The message written under this client_id, as it is stored. @returns {Message|undefined} */
  find(clientId) {
    return this.#messages.find(clientId);
  }

  /**
   * Take a `changes` frame, live or resumed.
   * @param {ChangesFrame} frame
   * @returns {boolean} whether something is missing, so that a `resume` is needed
   */
  applyChanges(frame) {
    if (frame.reset) return this.#reset(frame);
    if (frame.epoch !== this.#cursor.epoch) {
      if (this.#cursor.epoch !== null || frame.after !== 0) return true; // It does not begin the room.
      this.#cursor.epoch = frame.epoch;
    }
    const isGap = frame.after > this.#cursor.revision;
    const settled = [];
    const pinned = this.room.pinned;
    this.room = frame.room ?? this.room;
    const room = Boolean(frame.room);
    const reset = room && this.#purge();
    const sequences = frame.messages.filter((m) => this.#upsert(m, settled)).map((m) => m.sequence);
    sequences.push(...this.#answersTo(frame.messages.map((m) => m.sequence)));
    if (!isGap) this.#cursor.revision = Math.max(this.#cursor.revision, frame.revision);
    if (this.room.pinned !== pinned)
      sequences.push(...[pinned, this.room.pinned].filter((n) => this.shown.has(n)));
    this.#letGo();
    this.#emit({ reset, sequences, settled, room });
    return isGap;
  }

  /**
   * Show a page of messages that come directly before or after those shown. A page that does not join them (the
   * window has moved, or a reset came in between) is ignored.
   * @param {{messages: Message[], more: boolean}} page
   * @param {number} before the sequence it was asked for with
   */
  applyHistory(page, before) {
    const { first, last } = this;
    const isOlder = before === first;
    const isNewer = this.hasNewer && before > last && !(page.messages[0]?.sequence > last + 1);
    if (!isOlder && !isNewer) return;
    const { places, settled } = this.#keepPage(page);
    const sequences = places.filter((place) => (isOlder ? place < first : place > last));
    if (isNewer && !sequences.length) return this.showNewest(); // There is nothing between them.
    this.shown.addAll(sequences);
    this.#emit({ sequences, settled });
  }

  /** Show a page from elsewhere instead of what is shown. */
  showApart(page) {
    const { places, settled } = this.#keepPage(page);
    if (places.length) this.shown.replace(places);
    this.#emit({ reset: true, settled });
  }

  /**
   * Show a message instead of what is shown, with what is held round it.
   * @returns {boolean} false when it is not held, or alone: its page is wanted then
   */
  showHeld(sequence) {
    const isHeld = (place) => this.#messages.has(place);
    const isShown = isHeld(sequence) && (isHeld(sequence - 1) || isHeld(sequence + 1));
    if (isShown) this.#showAround(sequence);
    return isShown;
  }

  #showAround(sequence) {
    this.shown.replace([sequence]);
    for (const step of [-1, 1])
      this.shown.addAll(this.#messages.run(sequence + step, step, AROUND));
    this.#emit({ reset: true });
  }

  /**
   * Begin at a message.
   * @param {ChangesFrame} frame no reset: a page with the message, and the newest one
   * @param {number} sequence its place
   */
  openAt(frame, sequence) {
    this.linked = sequence;
    this.#reset(frame);
    this.#showAround(sequence);
  }

  /** Come back from further up. */
  showNewest() {
    if (this.hasNewer) this.#showAround(this.newest);
  }

  /**
   * Show so many more that are held and come directly before (-1) or after (1) those shown.
   * @returns {boolean} whether there was any
   */
  extend(step, count) {
    const edge = step < 0 ? this.first : this.last;
    const sequences = this.#messages.run(edge + step, step, count);
    this.shown.addAll(sequences);
    if (sequences.length) this.#emit({ sequences });
    return sequences.length > 0;
  }

  /** Show no more than what lies between two places. Nobody is told. */
  narrow(first, last) {
    this.shown.keep(first, last);
    this.#letGo();
  }

  /** What was written is stored. */
  acknowledge({ client_id, sequence, revision }) {
    if (!this.pendings.get(client_id)) return;
    const isHeld = this.#messages.get(sequence)?.revision >= revision;
    if (isHeld || revision <= this.#cursor.revision) this.pendings.forget(client_id);
    else this.pendings.stored(client_id, sequence, revision);
    this.#emit({ settled: [client_id] });
  }

  #reset(frame) {
    const isSameEpoch = frame.epoch === this.#cursor.epoch;
    this.pendings.dropSent(isSameEpoch ? frame.revision : Infinity);
    this.room = frame.room ?? NOTHING_KNOWN;
    this.#messages.clear();
    this.shown.replace([]);
    this.#cursor = { epoch: frame.epoch, revision: frame.revision };
    this.#beginning = 1;
    const { places, settled } = this.#keepPage(frame);
    this.shown.replace(places);
    this.#emit({ reset: true, settled, room: Boolean(frame.room) });
    return false;
  }

  /** @returns {boolean} whether it is to be drawn */
  #upsert(message, settled) {
    const { sequence } = message;
    // It is held: a hole would open beside what is shown.
    const isOutOfSight =
      (this.hasOlder && sequence < this.first) || (this.hasNewer && sequence > this.last);
    const isNew = this.#keep(message, settled);
    if (isOutOfSight || !isNew) return false;
    this.shown.addAll([sequence]);
    this.#beginning = Math.min(this.#beginning, sequence);
    return true;
  }

  /** Hold a page of history. @returns {{places: number[], settled: string[]}} `settled`: client_ids that were awaited */
  #keepPage({ messages, more }) {
    const settled = [];
    const kept = messages.filter(({ sequence }) => sequence > this.purgedThrough);
    for (const message of kept) this.#keep(message, settled);
    const places = kept.map(({ sequence }) => sequence).sort((a, b) => a - b);
    if (!more) this.#beginning = places[0] ?? this.first ?? Infinity;
    return { places, settled };
  }

  /** Hold the newest state of a message. @returns {boolean} false when it is no newer than what is held */
  #keep(message, settled) {
    if (this.pendings.drop(message.client_id)) settled.push(message.client_id);
    this.pendings.dropStored(message);
    if (message.author.id === null && this.#nobody) message.author.name = this.#nobody;
    return this.#messages.keep(message);
  }

  #letGo() {
    const { pinned } = this.room;
    const isNeeded = (place) => this.shown.has(place) || place === pinned;
    this.#messages.letGo(this.#cursor.revision, isNeeded);
  }

  /** Let go of what the room no longer keeps. @returns {boolean} whether anything of it was held */
  #purge() {
    const wasHeld = this.#messages.drop(({ sequence }) => sequence <= this.purgedThrough);
    this.shown.keep(this.purgedThrough + 1, Infinity);
    if (this.first === undefined && this.#messages.size) this.#showAround(this.newest);
    return wasHeld;
  }

  /** What waits below the messages, or the message that it changes, is to be drawn again. */
  #pendingChanged({ client_id, target, sequence }) {
    const isShown = target && this.shown.has(sequence);
    this.#emit({ pending: [client_id], sequences: isShown ? [sequence] : [] });
  }

  #emit(change) {
    if (change.sequences) {
      // An answer shows what it answers: it changes with it.
      change.sequences = [...new Set([...change.sequences, ...this.#answersTo(change.sequences)])];
    }
    for (const listener of this.#listeners) listener(change);
  }

  #answersTo(places) {
    return this.#messages.answersTo(places).filter((place) => this.shown.has(place));
  }
}
