/** Asks for older messages, page by page, one page at a time. */

const AGAIN_MS = 3_000;

export class OlderPages {
  #timeline;
  #load;
  /** @type {Promise<boolean>|null} */
  #loading = null;

  /**
   * @param {object} options
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {(before: number) => Promise<void>} options.load
   */
  constructor({ timeline, load }) {
    this.#timeline = timeline;
    this.#load = load;
  }

  /**
   * Load while more is wanted. When the server cannot answer it is asked again a little later.
   * @param {() => boolean} isWanted asked before each page
   */
  async loadWhile(isWanted) {
    while (!this.#loading && this.#timeline.hasOlder && isWanted()) {
      const isLoaded = await this.#loadPage();
      // Lost or busy.
      if (!isLoaded) await this.#rest();
    }
  }

  /** Load back to a place, unless the server cannot answer. */
  async loadBackTo(sequence) {
    while (this.#timeline.hasOlder && this.#timeline.first > sequence) {
      if (!(await this.#loadPage())) return;
    }
  }

  /** @returns {Promise<boolean>} whether it came; the same for everyone who asks meanwhile */
  #loadPage() {
    this.#loading ??= this.#load(this.#timeline.first)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  #rest() {
    this.#loading = new Promise((resolve) => setTimeout(() => resolve(false), AGAIN_MS));
    return this.#loading.finally(() => {
      this.#loading = null;
    });
  }
}
