/**
 * The log: draws what changed in a timeline, once a frame, and keeps the reader's place. It stays at
 * the bottom when it is there; it does not move under someone who reads further up. Who comes back
 * finds a line above what is new, and begins to read there.
 */

import { lastVisible } from "lobby/entry_places";
import { LogScroll } from "lobby/log_scroll";
import { saidOf } from "lobby/message_view";
import { OlderPages } from "lobby/older_pages";
import { unreadAfter } from "lobby/unread";

/** Ask for older messages when this little is left above. */
const AHEAD_PX = 800;
const QUIET_MS = 200;

export class LogView {
  #log;
  #entries;
  #pendings;
  #older;
  /** @type {LogScroll} */
  #scroll;
  #timeline;
  #view;
  #you;
  /** @type {OlderPages} */
  #olderPages;
  #isNews;
  #onSeen;
  /** The line above what is new, and the place it stands at. */
  #newLine;
  #newFrom;
  /** What is after this place is new; null while there is no line. */
  #readUpTo = /** @type {number|null} */ (null);
  /** Nobody looks, or nobody has looked yet: the log waits at the line. */
  #waitsAtLine = false;
  /** @type {Map<number, HTMLElement>} by sequence */
  #drawn = new Map();
  /** @type {Map<string, HTMLElement>} by client_id */
  #drawnPending = new Map();
  #toDraw = { isAll: false, sequences: new Set(), pending: new Set() };
  #isScheduled = false;
  #goesToBottom = false;
  /** The room was read once, so that an empty log means an empty room. */
  #isRead = false;
  /** The newest sequence drawn so far. */
  #lastDrawn = 0;

  /**
   * @param {HTMLElement} log
   * @param {object} options
   * @param {HTMLButtonElement} options.newest leads to the bottom
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {import("lobby/message_view").MessageView} options.view
   * @param {import("lobby/timeline").Author} options.you
   * @param {(before: number) => Promise<void>} options.loadOlder
   * @param {(message: import("lobby/timeline").Message) => boolean} options.isNews
   * @param {(sequence: number) => void} options.onSeen everything up to this place was on the screen
   */
  constructor(log, { newest, timeline, view, you, loadOlder, isNews, onSeen }) {
    this.#log = log;
    this.#entries = log.querySelector(".entries");
    this.#pendings = log.querySelector(".pendings");
    this.#older = log.querySelector(".older");
    this.#scroll = new LogScroll(log, {
      entries: this.#entries,
      newest,
      onMoved: () => {
        this.#see();
        this.#wantOlder();
      },
    });
    this.#timeline = timeline;
    this.#view = view;
    this.#you = you;
    this.#olderPages = new OlderPages({ timeline, load: loadOlder });
    this.#isNews = isNews;
    this.#onSeen = onSeen;
    this.#newLine = log.querySelector(".new-line");
    this.#newLine.remove();
    this.#newLine.hidden = false;
    Object.defineProperty(log, "value", { get: () => timeline.text });
    this.#listen();
  }

  /** Who reads: their own messages are marked, and what waits is drawn under their name. */
  set you(you) {
    const isOther = you.id !== this.#you.id;
    this.#you = you;
    if (isOther) this.#toDraw.isAll = true;
    for (const { client_id } of this.#timeline.pending) this.#toDraw.pending.add(client_id);
    this.#schedule();
  }

  /** What was just sent is to be seen: a scroll event that is still on its way does not undo that. */
  goToBottom() {
    this.#goesToBottom = true;
    this.#readUpTo = null;
    this.#schedule();
  }

  /**
   * The line stands after this place from now on. Who is at the bottom, or has just come, begins to
   * read at it.
   */
  readFrom(sequence) {
    this.#readUpTo = sequence;
    this.#waitsAtLine = this.#scroll.isAtBottom;
    this.#schedule();
  }

  /**
   * Show a message, however far up it stands.
   * @returns {Promise<HTMLElement|undefined>} its entry; undefined when it is no longer there
   */
  async goTo(sequence) {
    await this.#olderPages.loadBackTo(sequence);
    if (this.#isScheduled) this.#draw();
    const entry = this.#drawn.get(sequence);
    if (entry) this.#scroll.toEntry(entry, 1 / 3);
    return entry;
  }

  /** Name the days anew and look for older messages again. */
  refresh() {
    this.#view.nameDays(this.#log);
    this.#wantOlder();
  }

  #listen() {
    this.#timeline.subscribe((change) => this.#changed(change));
    document.addEventListener("visibilitychange", () => this.#see());
  }

  #changed({ reset = false, sequences = [], pending = [], settled = [] }) {
    if (reset) this.#toDraw.isAll = this.#isRead = true;
    for (const sequence of sequences) this.#toDraw.sequences.add(sequence);
    for (const clientId of [...pending, ...settled]) this.#toDraw.pending.add(clientId);
    this.#schedule();
  }

  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A hidden page has no frames, but its text is read out and searched.
    if (document.hidden) setTimeout(() => this.#draw());
    else requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#isScheduled = false;
    if (this.#goesToBottom) this.#scroll.toBottom();
    this.#goesToBottom = false;
    const { isAll, sequences, pending } = this.#toDraw;
    this.#toDraw = { isAll: false, sequences: new Set(), pending: new Set() };
    const lastBefore = this.#lastDrawn;
    this.#lastDrawn = this.#timeline.last ?? 0;
    this.#moveLine(sequences);
    // What is not new is not to be read out.
    if (isAll || [...sequences].some((sequence) => sequence < lastBefore)) this.#keepQuiet();
    const redraw = () => {
      if (isAll) this.#clear();
      this.#drawMessages(isAll ? this.#timeline.sequences : [...sequences]);
      this.#drawPendings(isAll ? this.#timeline.pending.map((p) => p.client_id) : [...pending]);
      this.#older.dataset.state = this.#olderState;
    };
    this.#scroll.keepingPlace(redraw, (sequence) => this.#drawn.get(sequence));
    if (this.#isWaiting) this.#scroll.toEntry(this.#drawn.get(this.#newFrom));
    this.#scroll.hasNews(this.#isWaiting || (!isAll && this.#lastDrawn > lastBefore));
    this.#see();
    this.#wantOlder();
  }

  /** Entries that the line leaves or comes to are drawn again. */
  #moveLine(sequences) {
    const from = this.#lineAt;
    if (from === this.#newFrom) return;
    for (const sequence of [from, this.#newFrom]) if (sequence) sequences.add(sequence);
    this.#newFrom = from;
  }

  /** @returns {number|undefined} the first new message, if everything since the read mark is held */
  get #lineAt() {
    const { first, hasOlder } = this.#timeline;
    const isFar = hasOlder && first > this.#readUpTo + 1;
    if (this.#readUpTo === null || isFar) return undefined;
    return unreadAfter(this.#timeline, this.#readUpTo, this.#isNews)[0];
  }

  get #isWaiting() {
    return this.#waitsAtLine && this.#newFrom !== undefined;
  }

  #see() {
    if (document.visibilityState !== "visible" || !this.#isRead || this.#isScheduled) return;
    this.#waitsAtLine = false;
    const sequence = Number(lastVisible(this.#log, this.#entries.children)?.dataset.sequence);
    if (sequence) this.#onSeen(sequence);
  }

  #keepQuiet() {
    this.#log.setAttribute("aria-busy", "true");
    setTimeout(() => this.#log.setAttribute("aria-busy", "false"), QUIET_MS);
  }

  #clear() {
    this.#drawn.clear();
    this.#drawnPending.clear();
    this.#entries.replaceChildren();
    this.#pendings.replaceChildren();
  }

  /** From the last to the first, so that each finds the one it stands before. */
  #drawMessages(sequences) {
    const shown = sequences.filter((sequence) => this.#timeline.message(sequence));
    for (const sequence of shown.sort((a, b) => b - a)) {
      const next = this.#timeline.after(sequence);
      const entry = this.#messageEntry(sequence);
      const drawn = this.#drawn.get(sequence);
      const following = this.#drawn.get(next);
      this.#drawn.set(sequence, entry);
      if (drawn) drawn.replaceWith(entry);
      else if (following) following.before(entry);
      else this.#entries.append(entry);
      if (following) this.#replaceIfMoved(next, following);
    }
  }

  #messageEntry(sequence) {
    const message = this.#timeline.message(sequence);
    const place = this.#placeOf(sequence);
    const isOwn = message.author.id !== null && message.author.id === this.#you.id;
    const entry = this.#view.message(message, place, isOwn);
    entry.dataset.sequence = sequence;
    entry.dataset.place = JSON.stringify(place);
    if (sequence === this.#newFrom) entry.prepend(this.#newLine);
    return entry;
  }

  /** What comes before it changed: it may now begin a day or a group, or no longer. */
  #replaceIfMoved(sequence, drawn) {
    if (drawn.dataset.place === JSON.stringify(this.#placeOf(sequence))) return;
    const entry = this.#messageEntry(sequence);
    this.#drawn.set(sequence, entry);
    drawn.replaceWith(entry);
  }

  #placeOf(sequence) {
    const previous = this.#timeline.message(this.#timeline.before(sequence));
    const place = this.#view.place(
      previous && saidOf(previous),
      saidOf(this.#timeline.message(sequence)),
    );
    return { ...place, continues: place.continues && sequence !== this.#newFrom };
  }

  /** The first one is always drawn again: what it follows may have changed. */
  #drawPendings(clientIds) {
    const all = this.#timeline.pending;
    const changed = new Set(clientIds);
    if (all.length) changed.add(all[0].client_id);
    for (const clientId of changed) {
      if (this.#timeline.pendingOf(clientId)) continue;
      this.#drawnPending.get(clientId)?.remove();
      this.#drawnPending.delete(clientId);
    }
    const last = this.#timeline.message(this.#timeline.last);
    let previous = last && saidOf(last);
    for (const pending of all) {
      const said = { author: this.#you, sentAt: new Date(pending.at) };
      if (changed.has(pending.client_id))
        this.#drawPending(pending, this.#view.place(previous, said));
      previous = said;
    }
  }

  #drawPending(pending, place) {
    const drawn = this.#drawnPending.get(pending.client_id);
    const key = JSON.stringify([pending.state, pending.goesAt, place, this.#you.name]);
    if (drawn?.dataset.place === key) return;
    const entry = this.#view.pending(pending, place, this.#you);
    entry.dataset.place = key;
    this.#drawnPending.set(pending.client_id, entry);
    if (drawn) drawn.replaceWith(entry);
    else this.#pendings.append(entry);
  }

  /** What stands above the first message. Nothing while we do not know yet. */
  get #olderState() {
    if (this.#timeline.hasOlder) return "more";
    if (this.#timeline.last) return "beginning";
    return this.#isRead && this.#timeline.pending.length === 0 ? "empty" : "";
  }

  #wantOlder() {
    this.#olderPages.loadWhile(() => !this.#isScheduled && this.#scroll.isNearTop(AHEAD_PX));
  }
}
