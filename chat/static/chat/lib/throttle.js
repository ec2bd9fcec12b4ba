/** Do something at once, and then again only after a pause, however often it is wanted meanwhile. */
export class Throttle {
  #act;
  #ms;
  #environment;
  #timer;
  #isWanted = false;

  /**
   * @param {() => boolean|void} act false when nothing could be done: then there is no pause
   * @param {number} ms
   * @param {{setTimeout: Function}} environment
   */
  constructor(act, ms, environment) {
    this.#act = act;
    this.#ms = ms;
    this.#environment = environment;
  }

  want() {
    this.#isWanted = true;
    if (this.#timer === undefined) this.#go();
  }

  #go() {
    this.#timer = undefined;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    if (this.#act() === false) return;
    this.#timer = this.#environment.setTimeout(() => this.#go(), this.#ms);
  }
}
