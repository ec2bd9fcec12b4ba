/** The button that leads back from a jump to where one was reading; through several jumps, one by one. */

export class WayBack {
  #button;
  #onLeft;
  /** @type {import("./log_scroll.js").Place[]} */
  #places = [];

  /**
   * @param {HTMLButtonElement} button
   * @param {object} options
   * @param {(place: import("./log_scroll.js").Place) => Promise<boolean>} options.goTo whether it is shown now
   * @param {() => void} options.onLeft the button goes away and had the focus
   */
  constructor(button, { goTo, onLeft }) {
    this.#button = button;
    this.#onLeft = onLeft;
    button.addEventListener("click", async () => {
      const place = this.#places.at(-1);
      const isShown = await goTo(place);
      if (isShown && this.#places.at(-1) === place) this.#keep(this.#places.slice(0, -1));
    });
  }

  /** One has jumped away from here. */
  note(place) {
    this.#keep([...this.#places, place]);
  }

  /** One reads on at the end. */
  forget() {
    if (this.#places.length) this.#keep([]);
  }

  #keep(places) {
    this.#places = places;
    const isOver = places.length === 0;
    if (isOver && document.activeElement === this.#button) this.#onLeft();
    this.#button.hidden = isOver;
  }
}
