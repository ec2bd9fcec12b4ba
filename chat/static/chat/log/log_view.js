/**
 * The log: draws what changed in a timeline, in the next frame, and keeps the reader's place. It stays at
 * the bottom when it is there; it does not move under someone who reads further up. Who comes back
 * finds a line above what is new, and begins to read there. However long one scrolls or stays, it has
 * about 300 entries: those far from what is read are removed, and drawn again when one comes near.
 */

import { DayAtTop } from "./day_at_top.js";
import { MessageEntries, NewLine, PendingEntries } from "./entries.js";
import { LogPages } from "./log_pages.js";
import { LogScroll, lastVisible } from "./log_scroll.js";
import { WayBack } from "./way_back.js";

/** Ask for older messages when this little is left above, and for newer ones when it is left below. */
const AHEAD_PX = 800;
/** More entries than this are narrowed down to those in view and so many on either side. */
const ENTRIES_MAX = 300;
const ENTRIES_BESIDE = 100;
/** From one draw to the next: where dozens talk at once, what they say is drawn together. */
const DRAW_MS = 100;

export class LogView {
  #log;
  /** @type {MessageEntries} */
  #entries;
  /** @type {PendingEntries} */
  #pendings;
  #older;
  /** @type {DayAtTop} */
  #day;
  /** @type {LogScroll} */
  #scroll;
  #timeline;
  #view;
  #me;
  /** @type {LogPages} */
  #pages;
  /** @type {WayBack} */
  #wayBack;
  #onSeen;
  #onDrawn;
  #onNotLoaded;
  /** @type {NewLine} */
  #newLine;
  /** Nobody looks, or nobody has looked yet: the log waits at the line. */
  #waitsAtLine = false;
  #toDraw = { isAll: false, sequences: new Set() };
  #isScheduled = false;
  #drawnAt = -Infinity;
  #goesToBottom = false;
  /** The room was read once, so that an empty log means an empty room. */
  #isRead = false;

  /**
   * @param {HTMLElement} log
   * @param {object} options
   * @param {HTMLButtonElement} options.newest leads to the bottom
   * @param {HTMLElement} options.dayAtTop says of which day it is what stands at the top
   * @param {HTMLButtonElement} options.wayBack leads back from a jump
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./message_view.js").MessageView} options.view
   * @param {import("../state/me.js").Me} options.me
   * @param {Record<string, string>} options.strings
   * @param {number} options.pageSize
   * @param {(before: number) => Promise<{messages: object[], more: boolean}>} options.loadPage
   * @param {(sequence: number, first: number) => void} options.onSeen everything from `first` up to this place is on the screen
   * @param {() => void} options.onDrawn
   * @param {() => void} options.onNotLoaded the way back leads to what cannot be loaded now
   */
  constructor(log, options) {
    const { newest, dayAtTop, wayBack, timeline, view, me, strings, pageSize, loadPage } = options;
    this.#log = log;
    const list = log.querySelector(".entries");
    this.#pendings = new PendingEntries(log.querySelector(".pendings"), { timeline, view });
    this.#older = log.querySelector(".older");
    this.#day = new DayAtTop(dayAtTop, log);
    this.#scroll = new LogScroll(log, {
      entries: list,
      newest,
      isEnd: () => !timeline.hasNewer,
      onNewest: () => {
        timeline.showNewest();
        this.#drawNow();
      },
      onMoved: () => {
        if (this.#scroll.isAtBottom) this.#wayBack.forget();
        this.#see();
        this.#wantMore();
      },
    });
    this.#wayBack = new WayBack(wayBack, {
      goTo: (place) => this.#goBack(place),
      onLeft: () => this.focus(),
    });
    this.#timeline = timeline;
    this.#view = view;
    this.#me = me;
    this.#pages = new LogPages({ timeline, size: pageSize, load: loadPage });
    this.#onSeen = options.onSeen;
    this.#onDrawn = options.onDrawn;
    this.#onNotLoaded = options.onNotLoaded;
    this.#newLine = new NewLine(log.querySelector(".new-line"), { timeline, me, strings });
    this.#entries = new MessageEntries(list, {
      timeline,
      view,
      me,
      newLine: this.#newLine,
      strings,
    });
    Object.defineProperty(log, "value", { get: () => timeline.text });
    this.#listen();
  }

  /** What was just sent is to be seen: a scroll event that is still on its way does not undo that. */
  goToBottom() {
    this.#goesToBottom = true;
    this.#timeline.showNewest();
    this.forgetLine();
  }

  /**
   * The line stands after this place from now on. Who is at the bottom, or has just come, begins to
   * read at it.
   */
  readFrom(sequence) {
    this.#newLine.readUpTo = sequence;
    this.#waitsAtLine = this.#scroll.isAtBottom;
    this.#schedule();
  }

  /** Nothing is new any more. */
  forgetLine() {
    this.#newLine.readUpTo = null;
    this.#schedule();
  }

  /** Among how many messages is what is new and begins further up than the log reaches; 0: nothing is. */
  get newsAbove() {
    return this.#newLine.isAbove ? this.#newLine.span : 0;
  }

  /** Go to the line, however far up it stands. */
  async goToLine() {
    await this.#pages.loadTo(this.#newLine.place);
    this.#drawNow();
    const entry = this.#entries.get(this.#newLine.from);
    if (entry) this.#scroll.toEntry(entry);
    this.focus();
  }

  focus() {
    this.#log.focus({ preventScroll: true });
  }

  /**
   * Show a message, however far up it stands.
   * @returns {Promise<HTMLElement|null|undefined>} its entry; undefined when it is no longer there, null when
   *   that is not known: it could not be loaded
   */
  async goTo(sequence) {
    const { place } = this.#scroll;
    const wasRead = this.#entries.all.length > 0;
    const entry = await this.#show({ sequence, share: 1 / 3 });
    if (entry && wasRead) this.#wayBack.note(place);
    return entry;
  }

  async #show({ sequence, share }) {
    if (!(await this.#pages.loadTo(sequence))) return null;
    this.#drawNow();
    this.#waitsAtLine = false;
    const entry = this.#entries.get(sequence);
    if (entry?.classList.contains("collapsed")) this.#entries.reveal(sequence);
    if (entry) this.#scroll.toEntry(entry, share);
    return entry;
  }

  async #goBack(place) {
    const isLoaded = !place || (await this.#show(place)) !== null;
    if (!place) this.#scroll.toNewest();
    if (!isLoaded) this.#onNotLoaded();
    return isLoaded;
  }

  /** @param {string} words how much is new further down; empty when nothing is */
  showNews(words) {
    this.#scroll.showNews(words);
  }

  /** Name the days anew and ask for what is wanted again. */
  refresh() {
    this.#view.nameDays(this.#log);
    this.#day.show();
    this.#pages.wake();
    this.#wantMore();
  }

  /** Do what may move everything: who is at the bottom stays there, others keep their place. */
  keepingPlace(change) {
    this.#scroll.keepingPlace(change, (sequence) => this.#entries.get(sequence));
  }

  #listen() {
    this.#timeline.subscribe((change) => this.#changed(change));
    this.#me.subscribe(({ isOther, hasOtherRank }) => {
      // One's own messages are marked, what waits is drawn under one's name, and moderators see earlier texts.
      if (isOther || hasOtherRank) this.#toDraw.isAll = true;
      this.#schedule();
    });
    document.addEventListener("visibilitychange", () => this.#see());
  }

  #changed({ reset = false, sequences = [] }) {
    if (reset) this.#toDraw.isAll = this.#isRead = true;
    for (const sequence of sequences) this.#toDraw.sequences.add(sequence);
    this.#schedule();
  }

  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const wait = this.#drawnAt + DRAW_MS - performance.now();
    // A hidden page has no frames, but its text is searched.
    if (wait > 0 || document.hidden) setTimeout(() => this.#drawNow(), wait);
    else requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow() {
    if (this.#isScheduled) this.#draw();
  }

  #draw() {
    this.#isScheduled = false;
    this.#drawnAt = performance.now();
    this.#scroll.catchUp();
    if (this.#goesToBottom) this.#scroll.toBottom();
    this.#goesToBottom = false;
    const { isAll, sequences } = this.#toDraw;
    this.#toDraw = { isAll: false, sequences: new Set() };
    const moved = this.#newLine.move();
    if (this.#narrow()) moved.push(...this.#newLine.move());
    for (const sequence of moved) sequences.add(sequence);
    const redraw = () => {
      if (isAll) this.#entries.clear();
      this.#entries.draw(isAll ? this.#timeline.shown.all : [...sequences]);
      this.#pendings.draw(this.#me.you, isAll);
      this.#older.dataset.state = this.#olderState;
    };
    this.keepingPlace(redraw);
    if (this.#isWaiting) this.#scroll.toEntry(this.#entries.get(this.#newLine.from));
    this.#see();
    this.#onDrawn();
    this.#wantMore();
  }

  /** Show no more than the log should have. @returns {boolean} whether that is less than before */
  #narrow() {
    const { last, shown } = this.#timeline;
    if (shown.all.length <= ENTRIES_MAX) return false;
    const view = this.#scroll.view;
    const count = view.last - view.first || 0;
    let end = this.#scroll.isAtBottom ? last : view.last;
    if (this.#isWaiting) end = this.#newLine.from + count;
    this.#timeline.narrow(end - count - ENTRIES_BESIDE, end + ENTRIES_BESIDE);
    // Who has read on so far needs the line no more.
    if (this.#newLine.from < this.#timeline.first) this.#newLine.readUpTo = null;
    return true;
  }

  get #isWaiting() {
    return this.#waitsAtLine && this.#newLine.from !== undefined;
  }

  #see() {
    this.#day.show();
    if (document.visibilityState !== "visible" || !this.#isRead || this.#isScheduled) return;
    this.#waitsAtLine = false;
    const sequence = Number(lastVisible(this.#log, this.#entries.all)?.dataset.sequence);
    if (sequence) this.#onSeen(sequence, this.#scroll.view.first);
  }

  /** What stands above the first message. Nothing while we do not know yet. */
  get #olderState() {
    if (this.#timeline.hasOlder) return "more";
    if (this.#timeline.last) return "beginning";
    return this.#isRead && this.#timeline.pendings.all.length === 0 ? "empty" : "";
  }

  #wantMore() {
    this.#pages.loadWhile({
      older: () => !this.#isScheduled && this.#scroll.isNearTop(AHEAD_PX),
      newer: () => !this.#isScheduled && this.#scroll.isNearEnd(AHEAD_PX),
    });
  }
}
