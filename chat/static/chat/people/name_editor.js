/** Your name in the page's head: press it to change it, and to find what belongs to you. */

import { drawAvatar } from "../lib/avatar.js";
import { trimmed } from "../lib/input.js";

export class NameEditor {
  #root;
  #button;
  #panel;
  #form;
  #input;
  #error;
  #me;
  #connection;
  /** The name that is being saved. @type {string|undefined} */
  #wanted;

  /**
   * @param {HTMLElement} root
   * @param {import("../pages/room.js").Parts} parts
   */
  constructor(root, { me, connection }) {
    this.#root = root;
    this.#button = root.querySelector(".name-button");
    this.#panel = root.querySelector(".panel");
    this.#form = root.querySelector(".name-form");
    this.#input = root.querySelector("input");
    this.#error = root.querySelector(".name-error");
    this.#connection = connection;
    this.#me = me;
    this.#show(me.name);
    this.#listen();
  }

  #listen() {
    this.#me.subscribe(() => {
      if (this.#wanted === undefined) this.#show(this.#me.name);
    });
    // A finger may have come for something else than the name: no keyboard over the panel.
    this.#input.autofocus = matchMedia("(pointer: fine)").matches;
    this.#panel.addEventListener("beforetoggle", ({ newState }) => {
      if (newState === "open") this.#fill(this.#wanted ?? this.#me.name);
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
    if (name === (this.#wanted ?? this.#me.name)) return;
    this.#show(name);
    this.#wanted = name;
    this.#root.classList.add("saving");
    try {
      if (await this.#connection.rename(name)) this.#saved(); // If not, a newer name is on its way.
    } catch (error) {
      this.#saved();
      this.#openAgain(name, error.message);
    }
  }

  #saved() {
    this.#wanted = undefined;
    this.#root.classList.remove("saving");
    this.#show(this.#me.name);
  }

  #openAgain(name, reason) {
    this.#panel.showPopover();
    this.#fill(name, reason);
    this.#input.focus();
    this.#input.select();
  }

  #show(name) {
    drawAvatar(this.#button.querySelector(".avatar"), { id: this.#me.id, name });
    this.#button.querySelector(".name").textContent = name;
  }
}
