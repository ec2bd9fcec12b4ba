/** Shows more messages of a room in its log, a page at a time: those that are held, and others from the server. */

const AGAIN_MS = 3_000;
/** So much of what comes after a place is asked for with it. */
const ONWARD = 40;

export class LogPages {
  #timeline;
  #load;
  #size;
  /** @type {Promise<boolean>|null} */
  #loading = null;
  /** Ends the pause after a failure. @type {(() => void)|null} */
  #wake = null;

  /**
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {number} options.size messages a page
   * @param {(before: number) => Promise<{messages: object[], more: boolean}>} options.load the page before
   *   a place
   */
  constructor({ timeline, size, load }) {
    this.#timeline = timeline;
    this.#size = size;
    this.#load = load;
  }

  /**
   * Show more in both directions while it is wanted. When the server cannot answer it is asked again a
   * little later.
   * @param {{older: () => boolean, newer: () => boolean}} isWanted asked before each page
   */
  async loadWhile(isWanted) {
    while (!this.#loading && !this.#wake) {
      const { hasOlder, hasNewer, first, last } = this.#timeline;
      const isOlder = hasOlder && isWanted.older();
      if (!isOlder && !(hasNewer && isWanted.newer())) return;
      if (this.#timeline.extend(isOlder ? -1 : 1, this.#size)) continue;
      const isLoaded = await this.#loadPage(isOlder ? first : last + this.#size + 1);
      // Lost or busy.
      if (!isLoaded) await this.#rest();
    }
  }

  /** The server can answer again: the pause after a failure ends. */
  wake() {
    this.#wake?.();
  }

  /** Show a place, if it exists. @returns {Promise<boolean>} false when the server cannot answer now */
  async loadTo(sequence) {
    while (this.#isElsewhere(sequence) && !this.#timeline.showHeld(sequence)) {
      if (this.#loading) await this.#loading;
      else return this.#loadPage(sequence + ONWARD, true);
    }
    return true;
  }

  #isElsewhere(sequence) {
    const { hasOlder, hasNewer, first, last } = this.#timeline;
    return (hasOlder && sequence < first) || (hasNewer && sequence > last);
  }

  /**
   * `isApart`: the page is shown instead of what is held.
   * @returns {Promise<boolean>} whether it came; the same for everyone who asks meanwhile
   */
  #loadPage(before, isApart = false) {
    this.#loading ??= this.#takePage(before, isApart)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  /** Of another epoch of the room than it was asked for in, a page is ignored. */
  async #takePage(before, isApart) {
    const { epoch } = this.#timeline.cursor;
    const page = await this.#load(before);
    if (epoch !== this.#timeline.cursor.epoch) return;
    if (isApart) this.#timeline.showApart(page);
    else this.#timeline.applyHistory(page, before);
  }

  async #rest() {
    let timer;
    await new Promise((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, AGAIN_MS);
    });
    clearTimeout(timer);
    this.#wake = null;
  }
}
