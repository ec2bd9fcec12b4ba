/** Your name in the page's head: press it to change it in place. */

import { drawAvatar } from "lobby/avatar";
import { isComposing } from "lobby/keys";
import { trimmed } from "lobby/text";

export class NameEditor {
  #root;
  #button;
  #form;
  #input;
  #error;
  #you;
  #rename;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {import("lobby/timeline").Author} options.you
   * @param {(name: string) => Promise<import("lobby/timeline").Author|undefined>} options.rename
   */
  constructor(root, { you, rename }) {
    this.#root = root;
    this.#button = root.querySelector(".name-button");
    this.#form = root.querySelector("form");
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
    if (!this.#root.classList.contains("saving")) this.#show(you.name);
  }

  #listen() {
    this.#button.addEventListener("click", () => this.#open(this.#you.name));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#input.addEventListener("keydown", (event) => {
      if (isComposing(event)) return;
      if (event.key === "Escape") this.#cancel();
    });
    this.#form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.#form.hidden && !this.#form.contains(relatedTarget)) this.#close();
    });
  }

  #open(name, reason = "") {
    this.#setOpen(true);
    this.#input.value = name;
    this.#error.textContent = reason;
    this.#input.setAttribute("aria-invalid", String(reason !== ""));
    this.#input.focus();
    this.#input.select();
  }

  #close() {
    this.#setOpen(false);
    this.#error.textContent = "";
  }

  #cancel() {
    this.#close();
    this.#button.focus();
  }

  async #save() {
    const name = trimmed(this.#input.value);
    if (name === this.#you.name) return this.#cancel();
    this.#cancel();
    this.#show(name);
    this.#root.classList.add("saving");
    try {
      const you = await this.#rename(name);
      if (!you) return; // A newer name is on its way.
      this.#root.classList.remove("saving");
      this.you = you;
    } catch (error) {
      this.#root.classList.remove("saving");
      this.you = this.#you;
      this.#open(name, error.message);
    }
  }

  #show(name) {
    drawAvatar(this.#button.querySelector(".avatar"), { id: this.#you.id, name });
    this.#button.querySelector(".name").textContent = name;
  }

  #setOpen(isOpen) {
    this.#form.hidden = !isOpen;
    this.#button.hidden = isOpen;
    this.#root.classList.toggle("editing", isOpen);
  }
}
