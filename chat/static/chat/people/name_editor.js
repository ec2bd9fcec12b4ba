/** Your name in the page's head: press it to change it, and to find what belongs to you. */

import { drawAvatar } from "lobby/lib/avatar";
import { trimmed } from "lobby/lib/input";

export class NameEditor {
  #root;
  #button;
  #panel;
  #form;
  #input;
  #error;
  #you;
  /** The name that is being saved. @type {string|undefined} */
  #wanted;
  #rename;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {import("lobby/state/timeline").Author} options.you
   * @param {(name: string) => Promise<import("lobby/state/timeline").Author|undefined>} options.rename
   */
  constructor(root, { you, rename }) {
    this.#root = root;
    this.#button = root.querySelector(".name-button");
    this.#panel = root.querySelector(".panel");
    this.#form = root.querySelector(".name-form");
    this.#input = root.querySelector("input");
    this.#error = root.querySelector(".name-error");
    this.#rename = rename;
    this.you = you;
    this.#listen();
  }

  get you() {
    return this.#you;
  }

  set you(you) {
    this.#you = you;
    if (this.#wanted === undefined) this.#show(you.name);
  }

  #listen() {
    // A finger may have come for something else than the name: no keyboard over the panel.
    this.#input.autofocus = matchMedia("(pointer: fine)").matches;
    this.#panel.addEventListener("beforetoggle", ({ newState }) => {
      if (newState === "open") this.#fill(this.#wanted ?? this.#you.name);
    });
    this.#input.addEventListener("focus", () => this.#input.select());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  #fill(name, reason = "") {
    this.#input.value = name;
    this.#error.textContent = reason;
    this.#input.setAttribute("aria-invalid", String(reason !== ""));
  }

  #close() {
    this.#panel.hidePopover();
    this.#button.focus();
  }

  async #save() {
    const name = trimmed(this.#input.value);
    this.#close();
    if (name === (this.#wanted ?? this.#you.name)) return;
    this.#show(name);
    this.#wanted = name;
    this.#root.classList.add("saving");
    try {
      const you = await this.#rename(name);
      if (you) this.#saved(you); // If not, a newer name is on its way.
    } catch (error) {
      this.#saved(this.#you);
      this.#openAgain(name, error.message);
    }
  }

  #saved(you) {
    this.#wanted = undefined;
    this.#root.classList.remove("saving");
    this.you = you;
  }

  #openAgain(name, reason) {
    this.#panel.showPopover();
    this.#fill(name, reason);
    this.#input.focus();
    this.#input.select();
  }

  #show(name) {
    drawAvatar(this.#button.querySelector(".avatar"), { id: this.#you.id, name });
    this.#button.querySelector(".name").textContent = name;
  }
}
