/**
 * The log: draws what changed in a timeline, once a frame, and keeps the reader's place. It stays at
 * the bottom when it is there; it does not move under someone who reads further up.
 */

import { saidOf } from "lobby/message_view";

/** This near to the bottom counts as at the bottom. */
const BOTTOM_PX = 60;
/** Ask for older messages when this little is left above. */
const AHEAD_PX = 800;
const AGAIN_MS = 3_000;
const QUIET_MS = 200;

export class LogView {
  #log;
  #entries;
  #pendings;
  #older;
  #newest;
  #timeline;
  #view;
  #you;
  #loadOlder;
  /** @type {Map<number, HTMLElement>} by sequence */
  #drawn = new Map();
  /** @type {Map<string, HTMLElement>} by client_id */
  #drawnPending = new Map();
  #toDraw = { isAll: false, sequences: new Set(), pending: new Set() };
  #isScheduled = false;
  #goesToBottom = false;
  #isAtBottom = true;
  #isLoading = false;
  /** The room was read once, so that an empty log means an empty room. */
  #isRead = false;
  /** The newest sequence drawn so far. */
  #lastDrawn = 0;

  /**
   * @param {HTMLElement} log
   * @param {object} options
   * @param {HTMLButtonElement} options.newest goes to the bottom
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {import("lobby/message_view").MessageView} options.view
   * @param {import("lobby/timeline").Author} options.you
   * @param {(before: number) => Promise<void>} options.loadOlder
   */
  constructor(log, { newest, timeline, view, you, loadOlder }) {
    this.#log = log;
    this.#entries = log.querySelector(".entries");
    this.#pendings = log.querySelector(".pendings");
    this.#older = log.querySelector(".older");
    this.#newest = newest;
    this.#timeline = timeline;
    this.#view = view;
    this.#you = you;
    this.#loadOlder = loadOlder;
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
    this.#schedule();
  }

  /** Name the days anew and look for older messages again. */
  refresh() {
    this.#view.nameDays(this.#log);
    this.#wantOlder();
  }

  #listen() {
    this.#timeline.subscribe((change) => this.#changed(change));
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#newest.addEventListener("click", () => this.#glideToBottom());
    const sizes = new ResizeObserver(() => {
      if (this.#isAtBottom) this.#scrollToBottom();
      this.#wantOlder();
    });
    sizes.observe(this.#log);
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
    if (this.#goesToBottom) this.#isAtBottom = true;
    this.#goesToBottom = false;
    const { isAll, sequences, pending } = this.#toDraw;
    this.#toDraw = { isAll: false, sequences: new Set(), pending: new Set() };
    const lastBefore = this.#lastDrawn;
    this.#lastDrawn = this.#timeline.last ?? 0;
    // What is not new is not to be read out.
    if (isAll || [...sequences].some((sequence) => sequence < lastBefore)) this.#keepQuiet();
    this.#keepingPlace(() => {
      if (isAll) this.#clear();
      this.#drawMessages(isAll ? this.#timeline.sequences : [...sequences]);
      this.#drawPendings(isAll ? this.#timeline.pending.map((p) => p.client_id) : [...pending]);
      this.#older.dataset.state = this.#olderState;
    });
    const hasNews = !isAll && this.#lastDrawn > lastBefore;
    if (hasNews && !this.#isAtBottom) this.#newest.classList.add("has-news");
    this.#showNewest();
    this.#wantOlder();
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
    return this.#view.place(previous && saidOf(previous), saidOf(this.#timeline.message(sequence)));
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
    const key = JSON.stringify([pending.state, place, this.#you.name]);
    if (drawn?.dataset.place === key) return;
    const entry = this.#view.pending(pending, place, this.#you);
    entry.dataset.place = key;
    this.#drawnPending.set(pending.client_id, entry);
    if (drawn) drawn.replaceWith(entry);
    else this.#pendings.append(entry);
  }

  #keepingPlace(change) {
    const anchor = this.#isAtBottom ? null : this.#firstVisible();
    const top = anchor && topOfText(anchor);
    const sequence = Number(anchor?.dataset.sequence);
    change();
    const kept = this.#drawn.get(sequence);
    if (this.#isAtBottom || !kept) this.#scrollToBottom();
    else this.#log.scrollTop += topOfText(kept) - top;
  }

  /** @returns {HTMLElement|undefined} found by halving: entries stand in order */
  #firstVisible() {
    const entries = this.#entries.children;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { offsetTop, offsetHeight } = entries[middle];
      if (offsetTop + offsetHeight <= this.#log.scrollTop) low = middle + 1;
      else high = middle;
    }
    return entries[low];
  }

  #scrollToBottom() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#isAtBottom = true;
    this.#showNewest();
  }

  /** The last stretch is seen going by; from further away that would take too long. */
  #glideToBottom() {
    const { scrollHeight, clientHeight } = this.#log;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#log.scrollTop = Math.max(this.#log.scrollTop, scrollHeight - 2 * clientHeight);
    this.#log.scrollTo({ top: scrollHeight, behavior: isStill ? "auto" : "smooth" });
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    this.#isAtBottom = scrollHeight - scrollTop - clientHeight < BOTTOM_PX;
    this.#showNewest();
    this.#wantOlder();
  }

  #showNewest() {
    // A button that goes away hands the focus on.
    if (this.#isAtBottom && document.activeElement === this.#newest)
      this.#log.focus({ preventScroll: true });
    this.#newest.hidden = this.#isAtBottom;
    if (this.#isAtBottom) this.#newest.classList.remove("has-news");
  }

  /** What stands above the first message. Nothing while we do not know yet. */
  get #olderState() {
    if (this.#timeline.hasOlder) return "more";
    if (this.#timeline.last) return "beginning";
    return this.#isRead && this.#timeline.pending.length === 0 ? "empty" : "";
  }

  async #wantOlder() {
    if (this.#isLoading || this.#isScheduled) return;
    if (!this.#timeline.hasOlder || this.#log.scrollTop > AHEAD_PX) return;
    this.#isLoading = true;
    try {
      await this.#loadOlder(this.#timeline.first);
    } catch {
      // Lost or busy: a little later again. `refresh` comes with the next connection.
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    this.#isLoading = false;
    this.#wantOlder();
  }
}

/** Above its text an entry may lose the line of its day, or its author's name. */
function topOfText(entry) {
  return entry.querySelector(".line").getBoundingClientRect().top;
}
