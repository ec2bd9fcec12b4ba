/** What was said and not read, and how far one has read. */

import { Throttle } from "../lib/environment.js";
import { fillCount } from "../lib/strings.js";

/** How far one has read is sent at most this often. */
const SEND_MS = 1_000;
/** More than this is not counted. */
const COUNT_MAX = 100;

/**
 * How many messages after a place are news to somebody; 100 is 100 or more. What is held without a hole up to the
 * newest is counted, shown or not.
 * @param {import("./timeline.js").Timeline} timeline
 * @param {number} seen
 * @param {(message: import("./messages.js").Message) => boolean} isNews
 */
export function countUnread(timeline, seen, isNews) {
  let count = 0;
  for (let place = timeline.newest; place > seen && count < COUNT_MAX; place--) {
    const message = timeline.message(place);
    if (!message) break;
    if (isNews(message)) count++;
  }
  return count;
}

/** The first of those shown. @returns {number|undefined} */
export function firstUnread(timeline, seen, isNews) {
  let sequence = timeline.shown.after(seen);
  while (sequence !== undefined && !isNews(timeline.message(sequence)))
    sequence = timeline.shown.after(sequence);
  return sequence;
}

/** A count as it is shown: "99+" is more than 99. */
export function capped(count) {
  return count >= COUNT_MAX ? `${COUNT_MAX - 1}+` : String(count);
}

/** A text with a count as it is shown, in the form that this count takes. */
export function fillCapped(strings, name, count) {
  return fillCount(strings, name, Math.min(count, COUNT_MAX), capped(count));
}

/** A page's title while nobody looks: "(3) lobby"; with what mentions the reader: "(@1 · 3) lobby". */
export function titleWith(count, title, mentions = 0) {
  const counts = [mentions && `@${capped(mentions)}`, count && capped(count)].filter(Boolean);
  return counts.length ? `(${counts.join(" · ")}) ${title}` : title;
}

/**
 * How far one has read in a room. The server keeps it for everyone who has done something here; this
 * browser keeps it too, for a guest who has only read.
 */
export class ReadMark {
  #storage;
  #room;
  #send;
  #owner;
  /** @type {string|null} */
  #epoch = null;
  #seen = 0;
  #sent = 0;
  /** @type {Throttle} */
  #sending;

  /**
   * @param {object} options
   * @param {Storage|null} options.storage
   * @param {{setTimeout: Function}} options.environment
   * @param {string} options.room
   * @param {string} options.owner the id of who reads
   * @param {(sequence: number) => boolean} options.send whether it could be sent
   */
  constructor({ storage, environment, room, owner, send }) {
    this.#storage = storage;
    this.#room = room;
    this.#owner = owner;
    this.#send = send;
    this.#sending = new Throttle(() => this.#sendNow(), SEND_MS, environment);
  }

  /** The highest place that was read; 0 is nothing yet. */
  get seen() {
    return this.#seen;
  }

  /**
   * Take a `welcome`. In another epoch of the room the places are counted anew.
   * @param {{epoch: string|null, sequence: number, standing: {seen?: number}, you: {id: string}}} welcome
   */
  welcome({ epoch, sequence, standing, you }) {
    if (epoch !== this.#epoch) this.#seen = this.#sent = 0;
    this.#epoch = epoch;
    this.#owner = you.id;
    const known = Math.max(standing.seen ?? 0, this.#stored);
    this.#sent = standing.seen ?? 0;
    this.#seen = Math.min(Math.max(this.#seen, known), sequence);
    this.#sending.want();
  }

  /** Everything up to this place was on the screen. Within one epoch it never goes back. */
  saw(sequence, epoch) {
    if (this.#epoch !== null && epoch !== this.#epoch) this.#seen = this.#sent = 0;
    this.#epoch = epoch;
    if (sequence <= this.#seen) return;
    this.#seen = sequence;
    this.#store();
    this.#sending.want();
  }

  /** One has read so far elsewhere: the server knows it. */
  learn(sequence = 0) {
    this.#sent = Math.max(this.#sent, sequence);
    this.#seen = Math.max(this.#seen, sequence);
  }

  /** Who reads looks away, and may not come back: what was read is sent without a pause. */
  leave() {
    this.#sendNow();
  }

  #sendNow() {
    if (this.#sent >= this.#seen || !this.#send(this.#seen)) return false;
    this.#sent = this.#seen;
  }

  get #stored() {
    const { seen, epoch, owner } = readMark(this.#storage, this.#room);
    return epoch === this.#epoch && owner === this.#owner ? seen : 0;
  }

  #store() {
    const mark = { seen: this.#seen, epoch: this.#epoch, owner: this.#owner };
    try {
      this.#storage?.setItem(keyOf(this.#room), JSON.stringify(mark));
    } catch {
      // Full: the mark is kept as long as the page is open.
    }
  }
}

/**
 * The mark that this browser keeps for a room.
 * @returns {{seen: number, epoch?: string|null, owner?: string}}
 */
export function readMark(storage, room) {
  try {
    return JSON.parse(storage?.getItem(keyOf(room))) ?? { seen: 0 };
  } catch {
    return { seen: 0 };
  }
}

/** Whether a `storage` event is about how far one has read. @param {string|null} key null: all was emptied */
export function isReadMark(key) {
  return key === null || key.startsWith(keyOf(""));
}

function keyOf(room) {
  return `lobby:seen:${room}`;
}
