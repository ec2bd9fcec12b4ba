/** A part beside the log: a column where there is room for it, else a sheet over the log. */

import { keepCookie } from "../lib/environment.js";

export class Side {
  /** The column; the sheet borrows it. */
  #root;
  /** @type {HTMLDialogElement} */
  #sheet;
  /** Opens and closes it. */
  #button;
  #onChange;
  #widths;
  #hasNeighbour = false;
  #hasColumn;

  /**
   * @param {HTMLElement} root its id is the name of the cookie that remembers whether the column is wanted
   * @param {object} options
   * @param {HTMLDialogElement} options.sheet
   * @param {HTMLElement} options.button a button, or a link for who has no script
   * @param {number} options.wide from so many pixels on there is room for a column: the same stands in the style sheet
   * @param {number} options.wider from so many on there is room for it beside a neighbour
   * @param {() => void} options.onChange it was shown or hidden
   */
  constructor(root, { sheet, button, wide, wider, onChange }) {
    this.#root = root;
    this.#sheet = sheet;
    this.#button = button;
    this.#onChange = onChange;
    this.#widths = [wide, wider].map((px) => matchMedia(`(width >= ${px}px)`));
    this.#hasColumn = !root.hidden;
    this.#listen();
    this.#fit();
  }

  get isShown() {
    return !this.#root.hidden;
  }

  /** There is another column, or no longer: where there is no room for two, this one is a sheet. */
  stepAside(hasNeighbour) {
    this.#hasNeighbour = hasNeighbour;
    this.#fit();
  }

  toggle() {
    if (this.#isColumn) this.#toggleColumn();
    else if (this.#sheet.open) this.#sheet.close();
    else this.#openSheet();
    this.#fit();
  }

  get #isColumn() {
    return this.#widths[this.#hasNeighbour ? 1 : 0].matches;
  }

  #listen() {
    this.#button.addEventListener("click", (event) => {
      event.preventDefault();
      this.toggle();
    });
    this.#root.querySelector(".close").addEventListener("click", () => this.toggle());
    this.#sheet.addEventListener("click", ({ target }) => {
      if (target === this.#sheet) this.#sheet.close(); // beside it
    });
    this.#sheet.addEventListener("close", () => this.#fit());
    for (const width of this.#widths) width.addEventListener("change", () => this.#fit());
  }

  #toggleColumn() {
    this.#hasColumn = !this.#hasColumn;
    // The server draws the page with it or without, so that nothing moves when the page has loaded.
    keepCookie(this.#root.id, this.#hasColumn ? "shown" : "hidden", "/chat/");
    if (this.#root.contains(document.activeElement)) this.#button.focus();
  }

  /** What is in it can take the focus only when it is there. */
  #openSheet() {
    this.#root.hidden = false;
    this.#sheet.append(this.#root);
    this.#sheet.showModal();
  }

  /** The column is there when it is wanted, the sheet until it is closed. */
  #fit() {
    if (this.#isColumn && this.#sheet.open) this.#sheet.close();
    if (!this.#sheet.open && this.#sheet.contains(this.#root)) this.#sheet.before(this.#root);
    const wasShown = this.#button.ariaExpanded;
    this.#root.hidden = !(this.#isColumn ? this.#hasColumn : this.#sheet.open);
    this.#button.ariaExpanded = String(this.isShown);
    if (wasShown !== this.#button.ariaExpanded) this.#onChange();
  }
}
