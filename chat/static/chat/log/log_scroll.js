/** Where the reader is in the log, and the button that leads back to its end. */

/** This near to the bottom counts as at the bottom. */
const BOTTOM_PX = 60;
/** Of a message that is higher than this, so much is enough to have been seen. */
const GLANCE_PX = 48;

/**
 * @typedef {{sequence: number, share: number}|null} Place a message that one reads, and how far down it stands, as
 *   a share of the log's height; null is the end of the log
 */

export class LogScroll {
  #log;
  #entries;
  #newest;
  #isEnd;
  #onNewest;
  #onMoved;
  #isAtBottom = true;
  /** Where the log stood at the last look. */
  #lookedAt = 0;
  /** On the way to the bottom, until it is reached or the reader scrolls. */
  #isGliding = false;

  /**
   * @param {HTMLElement} log
   * @param {object} options
   * @param {HTMLElement} options.entries
   * @param {HTMLButtonElement} options.newest goes to the bottom
   * @param {() => boolean} options.isEnd what is newest is in the log
   * @param {() => void} options.onNewest it is to be there
   * @param {() => void} options.onMoved the log was scrolled, or has another size
   */
  constructor(log, { entries, newest, isEnd, onNewest, onMoved }) {
    this.#log = log;
    this.#entries = entries;
    this.#newest = newest;
    this.#isEnd = isEnd;
    this.#onMoved = onMoved;
    this.#onNewest = onNewest;
    this.#listen();
  }

  get isAtBottom() {
    return this.#isAtBottom;
  }

  /** The places of the first and the last message in view. */
  get view() {
    const entries = this.#entries.children;
    const placeOf = (entry) => Number((entry ?? entries[0])?.dataset.sequence);
    return {
      first: placeOf(firstVisible(this.#log, entries)),
      last: placeOf(lastVisible(this.#log, entries)),
    };
  }

  /** Where the reader is. @returns {Place} */
  get place() {
    const entry = firstVisible(this.#log, this.#entries.children);
    if (this.#isAtBottom || !entry) return null;
    const share = (entry.offsetTop - this.#log.scrollTop) / this.#log.clientHeight;
    return { sequence: Number(entry.dataset.sequence), share };
  }

  /** Little is left above. */
  isNearTop(px) {
    return this.#log.scrollTop <= px;
  }

  /** Little is left below. */
  isNearEnd(px) {
    return this.#distance <= px;
  }

  /** Look again if the reader has scrolled and the event that tells of it is still on its way. */
  catchUp() {
    if (this.#log.scrollTop !== this.#lookedAt) this.#look();
  }

  toBottom() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#lookedAt = this.#log.scrollTop;
    this.#isAtBottom = this.#isEnd();
    this.#showNewest();
  }

  /** Load what is newest and glide to it. */
  toNewest() {
    this.#onNewest();
    this.#glideToBottom();
  }

  /** Put an entry a bit below the upper edge, or into the middle. */
  toEntry(entry, share = 1 / 5) {
    this.#isGliding = false;
    const top = entry.offsetTop - this.#log.clientHeight * share;
    this.#log.scrollTop = Math.max(0, top);
    this.#look();
  }

  /**
   * Change the log under the reader: who is at the bottom stays there, for others the entry they look
   * at stays where it is.
   * @param {() => void} change
   * @param {(sequence: number) => HTMLElement|undefined} entryOf as it is after the change
   */
  keepingPlace(change, entryOf) {
    const anchor = this.#isAtBottom ? undefined : firstVisible(this.#log, this.#entries.children);
    const top = anchor && topOfText(anchor);
    const sequence = Number(anchor?.dataset.sequence);
    change();
    const kept = entryOf(sequence);
    const moved = kept && topOfText(kept) - top;
    if (!kept && !this.#isGliding) this.toBottom();
    else if (moved) this.#log.scrollTop += moved;
    if (this.#isGliding) this.#glide();
  }

  /** @param {string} words how much is new further down; empty when nothing is */
  showNews(words) {
    this.#newest.classList.toggle("has-news", words !== "");
    const shown = this.#newest.querySelector(".words");
    if (shown.textContent !== words) shown.textContent = words;
  }

  #listen() {
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#newest.addEventListener("click", () => this.toNewest());
    const stopGliding = () => {
      this.#isGliding = false;
    };
    for (const type of ["wheel", "touchmove", "keydown", "pointerdown"])
      this.#log.addEventListener(type, stopGliding, { passive: true });
    this.#log.addEventListener("keydown", (event) => {
      if (event.key !== "End" || this.#isEnd()) return;
      event.preventDefault();
      this.toNewest();
    });
    const sizes = new ResizeObserver(() => {
      if (this.#isAtBottom) this.toBottom();
      this.#onMoved();
    });
    sizes.observe(this.#log);
  }

  #scrolled() {
    this.#look();
    this.#onMoved();
  }

  #look() {
    this.#lookedAt = this.#log.scrollTop;
    this.#isAtBottom = this.#distance < BOTTOM_PX && this.#isEnd();
    if (this.#isAtBottom) this.#isGliding = false;
    this.#showNewest();
  }

  /** From the bottom, in pixels. */
  get #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** The last stretch is seen going by; from further away that would take too long. */
  #glideToBottom() {
    const { scrollHeight, clientHeight } = this.#log;
    this.#log.scrollTop = Math.max(this.#log.scrollTop, scrollHeight - 2 * clientHeight);
    this.#isGliding = true;
    this.#glide();
  }

  /** What is added meanwhile moves the aim. */
  #glide() {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#log.scrollTo({ top: this.#log.scrollHeight, behavior: isStill ? "auto" : "smooth" });
  }

  #showNewest() {
    // A button that goes away hands the focus on.
    if (this.#isAtBottom && document.activeElement === this.#newest)
      this.#log.focus({ preventScroll: true });
    this.#newest.hidden = this.#isAtBottom;
  }
}

/** Above its text an entry may lose the line of its day, or its author's name. */
function topOfText(entry) {
  return entry.querySelector(".line").getBoundingClientRect().top;
}

/** @returns {HTMLElement|undefined} the first entry that reaches into the log's view */
export function firstVisible({ scrollTop }, entries) {
  return entries[firstAt(entries, (entry) => entry.offsetTop + entry.offsetHeight > scrollTop)];
}

/** @returns {HTMLElement|undefined} the last entry that has been on the screen when the log stands as it does */
export function lastVisible(log, entries) {
  const end = log.scrollTop + log.clientHeight + 1;
  const isBelow = (entry) => entry.offsetTop + Math.min(entry.offsetHeight, GLANCE_PX) > end;
  return entries[firstAt(entries, isBelow) - 1];
}

/** Entries stand in order: what holds for one holds for all after it. */
function firstAt(entries, holds) {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(entries[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
