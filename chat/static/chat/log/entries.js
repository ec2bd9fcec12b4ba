/** The entries of a log: the messages that are shown, the line above what is new, and what waits to be stored. */

import { fill } from "../lib/strings.js";
import { countUnread, fillCapped, firstUnread } from "../state/unread.js";
import { saidOf } from "./message_view.js";
import { Runs } from "./runs.js";

/** Between two looks at how many seconds are left. */
const TICK_MS = 500;

/** Draws the messages that a timeline shows, each in an entry, in order. */
export class MessageEntries {
  #list;
  #timeline;
  #view;
  #me;
  #newLine;
  /** @type {Runs} */
  #runs;
  /** @type {Map<number, HTMLElement>} by sequence */
  #drawn = new Map();

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./message_view.js").MessageView} options.view
   * @param {import("../state/me.js").Me} options.me
   * @param {NewLine} options.newLine
   * @param {Record<string, string>} options.strings
   */
  constructor(list, { timeline, view, me, newLine, strings }) {
    this.#list = list;
    this.#runs = new Runs(list, strings);
    this.#timeline = timeline;
    this.#view = view;
    this.#me = me;
    this.#newLine = newLine;
  }

  /** In the order in which they stand. */
  get all() {
    return this.#list.children;
  }

  /** The entry of a message, or undefined. */
  get(sequence) {
    return this.#drawn.get(sequence);
  }

  /** Show one that may be hidden among others of its kind. */
  reveal(sequence) {
    this.#runs.reveal(this.get(sequence));
  }

  clear() {
    this.#drawn.clear();
    this.#list.replaceChildren();
  }

  /**
   * Draw these anew, and remove what is not shown any more.
   * @param {number[]} sequences those that are not shown are left out
   */
  draw(sequences) {
    this.#removeHidden();
    this.#drawShown(sequences.filter((sequence) => this.#timeline.shown.has(sequence)));
    this.#runs.update();
  }

  /** The first entry begins a day now. */
  #removeHidden() {
    for (const [sequence, entry] of this.#drawn) {
      if (this.#timeline.shown.has(sequence)) continue;
      this.#drawn.delete(sequence);
      entry.remove();
    }
    const { first } = this.#timeline;
    const entry = this.#drawn.get(first);
    if (entry) this.#replaceIfMoved(first, entry);
  }

  /** From the last to the first, so that each finds the one it stands before. */
  #drawShown(sequences) {
    for (const sequence of sequences.sort((a, b) => b - a)) {
      const next = this.#timeline.shown.after(sequence);
      const entry = this.#entry(sequence);
      const drawn = this.#drawn.get(sequence);
      const following = this.#drawn.get(next);
      this.#drawn.set(sequence, entry);
      if (drawn) replace(drawn, entry);
      else if (following) following.before(entry);
      else this.#list.append(entry);
      if (following) this.#replaceIfMoved(next, following);
    }
  }

  #entry(sequence) {
    const message = this.#timeline.message(sequence);
    const place = this.#placeOf(sequence);
    const isOwn = message.author.id === this.#me.id;
    const entry = this.#view.message(message, place, isOwn);
    entry.dataset.sequence = sequence;
    entry.dataset.place = JSON.stringify(place);
    this.#newLine.drawAbove(entry, sequence);
    return entry;
  }

  /** What comes before it changed: it may now begin a day or a group, or no longer. */
  #replaceIfMoved(sequence, drawn) {
    if (drawn.dataset.place === JSON.stringify(this.#placeOf(sequence))) return;
    const entry = this.#entry(sequence);
    this.#drawn.set(sequence, entry);
    replace(drawn, entry);
  }

  #placeOf(sequence) {
    const previous = this.#timeline.message(this.#timeline.shown.before(sequence));
    const place = this.#view.place(
      previous && saidOf(previous),
      saidOf(this.#timeline.message(sequence)),
    );
    return { ...place, continues: place.continues && sequence !== this.#newLine.from };
  }
}

/**
 * The buttons of menus stay the same ones: what is open at them belongs to them, and gives the focus back to them. Files
 * stay the same as well: what plays goes on playing.
 */
function replace(drawn, entry) {
  const files = entry.querySelector(".files")?.dataset.files;
  const menus = ["[data-control=more]", "[data-control=author]"];
  for (const kept of [...menus, ...(files ? [".files"] : [])]) {
    const [before, after] = [drawn, entry].map((one) => one.querySelector(kept));
    const isSame = before?.textContent === after?.textContent;
    if (before && isSame && before.dataset.files === after.dataset.files) after.replaceWith(before);
  }
  drawn.replaceWith(entry);
}

/** The line above what is new, and where it stands: who comes back begins to read there. */
export class NewLine {
  /** The first new message, if everything since the read mark is held. @type {number|undefined} */
  from;
  /** The line stands after this place: what follows is new. null: there is none. @type {number|null} */
  readUpTo = null;
  #element;
  #timeline;
  #me;
  #strings;

  /**
   * @param {HTMLElement} element
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("../state/me.js").Me} options.me
   * @param {Record<string, string>} options.strings
   */
  constructor(element, { timeline, me, strings }) {
    this.#element = element;
    this.#timeline = timeline;
    this.#me = me;
    this.#strings = strings;
    element.remove();
    element.hidden = false;
  }

  /** What is new begins further up than what is held: after this place. */
  get isAbove() {
    const { first, hasOlder } = this.#timeline;
    return this.readUpTo !== null && hasOlder && first > this.readUpTo + 1;
  }

  /** Where to look for it. */
  get place() {
    return this.readUpTo + 1;
  }

  /** Of so many messages some are new. */
  get span() {
    return this.#timeline.newest - this.readUpTo;
  }

  /** @returns {number[]} the entries that the line leaves or comes to: they are to be drawn again */
  move() {
    const before = this.from;
    const isHeld = this.readUpTo !== null && !this.isAbove;
    const isNews = (message) => this.#me.isNews(message);
    this.from = isHeld ? firstUnread(this.#timeline, this.readUpTo, isNews) : undefined;
    if (this.from) this.#count(countUnread(this.#timeline, this.readUpTo, isNews));
    return this.from === before ? [] : [this.from, before].filter(Boolean);
  }

  #count(count) {
    const words = fillCapped(this.#strings, "new_line", count);
    const shown = this.#element.firstElementChild;
    if (shown.textContent !== words) shown.textContent = words;
  }

  drawAbove(entry, sequence) {
    if (sequence === this.from) entry.prepend(this.#element);
  }
}

/** Draws what was written and has not come back yet, below the newest message: further up it is not shown. */
export class PendingEntries {
  #list;
  #timeline;
  #view;
  /** @type {Map<string, HTMLElement>} by client_id */
  #drawn = new Map();

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./message_view.js").MessageView} options.view
   */
  constructor(list, { timeline, view }) {
    this.#list = list;
    this.#timeline = timeline;
    this.#view = view;
  }

  /**
   * @param {import("../state/messages.js").Author} you
   * @param {boolean} isAnew what they answer may have changed, too
   */
  draw(you, isAnew) {
    const { all } = this.#timeline.pendings;
    this.#list.hidden = this.#timeline.hasNewer;
    const waiting = new Set(all.map(({ client_id }) => client_id));
    for (const clientId of this.#drawn.keys()) if (!waiting.has(clientId)) this.#drop(clientId);
    const last = this.#timeline.message(this.#timeline.last);
    let previous = last && saidOf(last);
    all.forEach((pending, index) => {
      const said = { author: you, sentAt: new Date(pending.at) };
      const entry = this.#entry(pending, this.#view.place(previous, said), you, isAnew);
      const there = this.#list.children[index] ?? null;
      if (there !== entry) this.#list.insertBefore(entry, there);
      previous = said;
    });
  }

  #drop(clientId) {
    this.#drawn.get(clientId).remove();
    this.#drawn.delete(clientId);
  }

  /** What was read out once is not an alert again when it is only drawn in another place. */
  #entry(pending, place, you, isAnew) {
    const drawn = this.#drawn.get(pending.client_id);
    const { state, goesAt, message, isTried } = pending;
    const news = JSON.stringify([state, goesAt, message, isTried]);
    const key = JSON.stringify([place, you.name]);
    const isAnnounced = drawn?.dataset.news === news;
    if (!isAnew && isAnnounced && drawn.dataset.place === key) return drawn;
    const entry = this.#view.pending(pending, place, you);
    entry.dataset.news = news;
    entry.dataset.place = key;
    if (isAnnounced) entry.querySelector("[role=alert]")?.removeAttribute("role");
    this.#drawn.set(pending.client_id, entry);
    drawn?.replaceWith(entry);
    return entry;
  }
}

/**
 * Elements with `data-until` show how many seconds are left until then.
 * @param {HTMLElement} root
 * @param {string} words with `{count}`
 */
export function runCountdowns(root, words) {
  let timer;
  const tick = () => {
    clearTimeout(timer);
    const all = root.querySelectorAll("[data-until]");
    for (const left of all) {
      const count = Math.max(0, Math.ceil((Number(left.dataset.until) - Date.now()) / 1000));
      const text = fill(words, { count });
      if (left.textContent !== text) left.textContent = text;
    }
    if (all.length) timer = setTimeout(tick, TICK_MS);
  };
  new MutationObserver(tick).observe(root, { childList: true });
}
