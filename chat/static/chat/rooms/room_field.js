/** The field in which one names a room. As one types it offers the rooms that are there, and says whether the name
 * joins one or makes a new one. */

import { element } from "../lib/elements.js";
import { flawOfRoomName, folded, isComposing, trimmed } from "../lib/input.js";
import { Listbox } from "../lib/listbox.js";
import { apart, fill } from "../lib/strings.js";
import { pathOf } from "./rooms_list.js";

const CHOICES_MAX = 8;
const ASK_MS = 150;

export class RoomField {
  #input;
  #listbox;
  #hint;
  #strings;
  #names;
  #ask;
  #choosesFirst;
  #askTimer;
  /** What the server found for which text. */
  #found = { query: "", rooms: [] };
  /** @type {string[]} the names that the options lead to */
  #choices = [];

  /**
   * @param {HTMLFormElement} form
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {() => string[]} options.names the rooms that the page knows
   * @param {(query: string) => void} options.ask ask the server for rooms: the answer goes to `answered`
   * @param {boolean} [options.choosesFirst] Enter takes the first choice, not what is typed
   */
  constructor(form, { strings, names, ask, choosesFirst = false }) {
    this.#input = form.querySelector("input");
    const list = form.querySelector("[role=listbox]");
    this.#listbox = new Listbox(list, this.#input, (index) => this.#go(this.#choices[index]));
    this.#hint = form.querySelector("[role=status]");
    this.#strings = strings;
    this.#names = names;
    this.#ask = ask;
    this.#choosesFirst = choosesFirst;
    this.#input.setAttribute("role", "combobox");
    this.#input.setAttribute("aria-autocomplete", "list");
    this.#show([]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go(this.#choices[this.#listbox.chosen] ?? trimmed(this.#input.value));
    });
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("blur", () => this.#show([]));
    this.#input.addEventListener("focus", () => this.#refresh());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    if (this.#input.value && !this.#hint.textContent) this.#typed(); // before this script was here
  }

  /** @param {{query: string, rooms: string[]}} answer */
  answered({ query, rooms }) {
    this.#found = { query, rooms };
    if (document.activeElement === this.#input) this.#refresh();
  }

  /** There is a connection, or there is more to ask: ask for what is typed, unless that is known. */
  askAgain() {
    const query = trimmed(this.#input.value);
    if (query !== this.#found.query && !flawOfRoomName(query)) this.#ask(query);
  }

  #typed() {
    this.#say("");
    this.#refresh();
    clearTimeout(this.#askTimer);
    this.#askTimer = setTimeout(() => this.askAgain(), ASK_MS);
  }

  #refresh() {
    const text = trimmed(this.#input.value);
    const wanted = folded(text);
    if (!text || flawOfRoomName(text)) return this.#show([]);
    const all = [...this.#names(), ...this.#found.rooms];
    const names = [...new Set(all)].filter((name) => folded(name).includes(wanted));
    const nearness = (name) =>
      Number(folded(name) !== wanted) + Number(!folded(name).startsWith(wanted));
    names.sort((one, other) => nearness(one) - nearness(other));
    const isThere = names.length > 0 && nearness(names[0]) === 0;
    const isNew = !isThere && this.#found.query === text;
    if (isThere) this.#say(this.#strings.room_there);
    if (isNew) this.#say(fill(this.#strings.room_new, { name: apart(text) }));
    this.#show(names.slice(0, CHOICES_MAX), isNew ? text : "");
  }

  #show(names, unknown = "") {
    this.#choices = unknown ? [...names, unknown] : names;
    const rows = names.map((name) => element("bdi", "", name));
    if (unknown)
      rows.push(element("span", "", fill(this.#strings.room_new, { name: apart(unknown) })));
    this.#listbox.show(
      rows.map((row) => [row]),
      "room-option",
    );
    this.#input.setAttribute("aria-expanded", String(rows.length > 0));
    if (this.#choosesFirst && rows.length) this.#listbox.choose(0);
  }

  #pressed(event) {
    if (isComposing(event)) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (!this.#choices.length) return;
    if (event.key === "ArrowDown") this.#listbox.chooseNext();
    else if (event.key === "ArrowUp") this.#listbox.chooseBefore();
    else if (event.key === "Escape") this.#show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #go(name) {
    const flaw = flawOfRoomName(name);
    if (!flaw) return location.assign(pathOf(name));
    this.#say(this.#strings[flaw], true);
    this.#input.focus();
  }

  #say(words, isFlaw = false) {
    if (this.#hint.textContent !== words) this.#hint.textContent = words;
    this.#input.setAttribute("aria-invalid", String(isFlaw));
  }
}
