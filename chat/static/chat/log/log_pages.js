/** Asks for the messages of a log that are not held, a page at a time. */

const AGAIN_MS = 3_000;
/** To a place that is further up than this one goes at once, not through all that is between. */
const FAR = 200;
/** So much of what comes after that place is asked for with it. */
const ONWARD = 40;

export class LogPages {
  #timeline;
  #load;
  #size;
  /** @type {Promise<boolean>|null} */
  #loading = null;
  #isResting = false;

  /**
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {number} options.size messages a page
   * @param {(before: number, isApart: boolean) => Promise<void>} options.load `isApart`: shown instead of
   *   what is held
   */
  constructor({ timeline, size, load }) {
    this.#timeline = timeline;
    this.#size = size;
    this.#load = load;
  }

  /**
   * Load in both directions while more is wanted. When the server cannot answer it is asked again a little
   * later.
   * @param {{older: () => boolean, newer: () => boolean}} isWanted asked before each page
   */
  async loadWhile(isWanted) {
    while (!this.#loading && !this.#isResting) {
      const isOlder = this.#timeline.hasOlder && isWanted.older();
      if (!isOlder && !(this.#timeline.hasNewer && isWanted.newer())) return;
      const isLoaded = await (isOlder ? this.#loadOlder() : this.#loadNewer());
      // Lost or busy.
      if (!isLoaded) await this.#rest();
    }
  }

  /** Load until a place is shown. @returns {Promise<boolean>} false when the server cannot answer now */
  async loadTo(sequence) {
    if (this.#isFar(sequence)) {
      while (this.#loading) await this.#loading;
      if (!(await this.#loadPage(sequence + ONWARD, true))) return false;
    }
    while (this.#timeline.hasOlder && this.#timeline.first > sequence) {
      if (!(await this.#loadOlder())) return false;
    }
    return true;
  }

  #isFar(sequence) {
    const { hasOlder, hasNewer, first, last } = this.#timeline;
    return (hasOlder && first - sequence > FAR) || (hasNewer && sequence > last);
  }

  #loadOlder() {
    return this.#loadPage(this.#timeline.first);
  }

  #loadNewer() {
    return this.#loadPage(this.#timeline.last + this.#size + 1);
  }

  /** @returns {Promise<boolean>} whether it came; the same for everyone who asks meanwhile */
  #loadPage(before, isApart = false) {
    this.#loading ??= this.#load(before, isApart)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  async #rest() {
    this.#isResting = true;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    this.#isResting = false;
  }
}
