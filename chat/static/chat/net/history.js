/** The question for a page of messages: one at a time. */

export class History {
  #timeline;
  /** @type {{before: number, isApart: boolean, epoch: string|null, resolve: () => void,
   *   reject: (reason: Error) => void}|null} */
  #asked = null;

  /** @param {import("lobby/state/timeline").Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
  }

  get isAsked() {
    return this.#asked !== null;
  }

  /**
   * @param {number} before
   * @param {boolean} isApart the page is shown instead of what is held
   * @returns {Promise<void>} until the page is in the timeline
   */
  ask(before, isApart) {
    const { epoch } = this.#timeline.cursor;
    return new Promise((resolve, reject) => {
      this.#asked = { before, isApart, epoch, resolve, reject };
    });
  }

  /** A page of another life than it was asked for in is not taken. */
  answer(page) {
    const asked = this.#asked;
    this.#asked = null;
    if (!asked) return;
    if (asked.epoch === this.#timeline.cursor.epoch) this.#take(page, asked);
    asked.resolve();
  }

  #take(page, { before, isApart }) {
    if (isApart) this.#timeline.showApart(page);
    else this.#timeline.applyHistory(page, before);
  }

  /** There will be no answer. */
  giveUp(reason) {
    this.#asked?.reject(new Error(reason));
    this.#asked = null;
  }
}
