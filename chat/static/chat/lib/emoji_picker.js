/** A picker of emoji: those used last in this browser, and all others by group, found by name. */

import { element } from "./elements.js";
import { hasTouchKeyboard, inReadingOrder, isComposing } from "./input.js";
import { showAt } from "./popups.js";

const RECENT_KEY = "lobby:emoji";
const RECENT_MAX = 16;
const FOUND_MAX = 80;
/** By the numbers of emojibase. */
const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9];

/**
 * @typedef {[emoji: string, names: string, words: string, group: number]} Row of vendor/emoji.json
 * @typedef {{name: string, rows: Row[]}} Group
 */

export class EmojiPicker {
  #strings;
  #storage;
  #url;
  /** @type {Promise<Row[]>|undefined} */
  #loading;
  /** As soon as they are loaded. @type {Row[]} */
  rows = [];

  /**
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {Storage|null} options.storage
   * @param {string} options.url of vendor/emoji.json, which is loaded when the picker is first opened
   */
  constructor({ strings, storage, url }) {
    this.#strings = strings;
    this.#storage = storage;
    this.#url = url;
  }

  /** @returns {string[]} used last in this browser, the newest first */
  get recent() {
    try {
      const kept = JSON.parse(this.#storage.getItem(RECENT_KEY));
      return kept.filter((emoji) => typeof emoji === "string").slice(0, RECENT_MAX);
    } catch {
      return [];
    }
  }

  used(emoji) {
    const recent = [emoji, ...this.recent.filter((other) => other !== emoji)];
    try {
      this.#storage.setItem(RECENT_KEY, JSON.stringify(recent.slice(0, RECENT_MAX)));
    } catch {
      // Nothing can be kept.
    }
  }

  /**
   * @param {HTMLElement} anchor
   * @param {(emoji: string) => void} onPick
   */
  open(anchor, onPick) {
    const pick = (emoji) => {
      this.used(emoji);
      onPick(emoji);
    };
    const popup = new Popup(this.#strings, this.recent, pick);
    popup.openAt(anchor);
    this.load().then(
      (rows) => popup.fill(rows),
      () => popup.fail(),
    );
  }

  /** Once; again where it has failed. */
  load() {
    this.#loading ??= this.#fetch().catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #fetch() {
    const response = await fetch(this.#url);
    this.rows = await response.json();
    return this.rows;
  }
}

/** One that is open. The focus stays where one searches; the arrow keys go through what was found. */
class Popup {
  #strings;
  #recent;
  #pick;
  #element = element("div", "menu emoji-picker");
  #search = element("input", "");
  #list = element("div", "emoji-list");
  #note = element("p", "emoji-note");
  /** @type {Row[]} */
  #rows = [];
  /** @type {HTMLElement|undefined} */
  #active;

  constructor(strings, recent, pick) {
    this.#strings = strings;
    this.#recent = recent;
    this.#pick = pick;
    this.#element.setAttribute("role", "dialog");
    this.#element.setAttribute("aria-label", strings.emoji);
    this.#element.tabIndex = -1;
    const attributes = {
      type: "text",
      role: "combobox",
      "aria-label": strings.emoji_search,
      "aria-expanded": "true",
      "aria-controls": "emoji-list",
      "aria-autocomplete": "list",
      placeholder: strings.emoji_search,
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "done",
      maxlength: "40",
    };
    for (const [name, value] of Object.entries(attributes)) this.#search.setAttribute(name, value);
    this.#list.id = "emoji-list";
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", strings.emoji);
    this.#note.setAttribute("role", "status");
    this.#element.append(this.#search, this.#list, this.#note);
    this.#search.addEventListener("input", () => this.#draw());
    this.#element.addEventListener("keydown", (event) => this.#pressed(event));
    this.#list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.#choose(option);
    });
  }

  openAt(anchor) {
    this.#draw();
    showAt(anchor, this.#element);
    // A phone's keyboard would cover the emoji: it comes when one touches the field.
    (hasTouchKeyboard() ? this.#element : this.#search).focus();
  }

  /** @param {Row[]} rows */
  fill(rows) {
    this.#rows = rows;
    this.#draw();
  }

  fail() {
    this.#note.textContent = this.#strings.emoji_failed;
  }

  #draw() {
    const query = this.#search.value.trim();
    const groups = query ? [this.#found(query)] : this.#all;
    const filled = groups.filter(({ rows }) => rows.length);
    this.#list.replaceChildren(...filled.map(groupElement));
    this.#list.scrollTop = 0;
    this.#note.textContent = query && !filled.length ? this.#strings.emoji_none : "";
    this.#activate(this.#options[0]);
  }

  /** @returns {Group} what is no word may be an emoji itself, of those that are not in the list */
  #found(query) {
    const found = search(this.#rows, query);
    const isWord = /[\p{L}\p{N}]/u.test(query);
    const itself = /** @type {Row} */ ([query, query, "", 0]);
    return { name: this.#strings.emoji_found, rows: found.length || isWord ? found : [itself] };
  }

  /** @returns {Group[]} */
  get #all() {
    const known = new Map(this.#rows.map((row) => [row[0], row]));
    const rowOf = (emoji) => known.get(emoji) ?? /** @type {Row} */ ([emoji, emoji, "", 0]);
    const recent = { name: this.#strings.emoji_recent, rows: this.#recent.map(rowOf) };
    const groups = GROUPS.map((group) => ({
      name: this.#strings[`emoji_group_${group}`],
      rows: this.#rows.filter((row) => row[3] === group),
    }));
    return [recent, ...groups];
  }

  /** @returns {HTMLElement[]} */
  get #options() {
    return [...this.#list.querySelectorAll("[role=option]")];
  }

  #pressed(event) {
    if (isComposing(event)) return;
    const key = inReadingOrder(event.key, this.#element);
    if (key === "Tab") return this.#element.hidePopover();
    if (key === "Enter") {
      if (this.#active) this.#choose(this.#active);
    } else if (key.startsWith("Arrow")) this.#move(key);
    else return this.#search.focus(); // and what is typed goes there
    event.preventDefault();
  }

  #move(key) {
    const options = this.#options;
    const grids = [...this.#list.querySelectorAll(".emoji-grid")];
    if (!grids.length) return;
    const columns = getComputedStyle(grids[0]).gridTemplateColumns.split(" ").length;
    const sizes = grids.map((grid) => grid.childElementCount);
    this.#activate(options[stepped(options.indexOf(this.#active), key, sizes, columns)]);
    this.#active.scrollIntoView({ block: "nearest" });
  }

  #activate(option) {
    this.#active?.removeAttribute("aria-selected");
    this.#active?.removeAttribute("id");
    this.#active = option;
    if (!option) return this.#search.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.id = "emoji-active";
    this.#search.setAttribute("aria-activedescendant", option.id);
  }

  #choose(option) {
    this.#element.hidePopover();
    this.#pick(option.textContent);
  }
}

/** @param {Group} group */
function groupElement({ name, rows }) {
  const group = element("div", "emoji-group");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", name);
  const heading = element("p", "menu-title", name);
  heading.setAttribute("aria-hidden", "true");
  const grid = element("div", "emoji-grid");
  grid.setAttribute("role", "presentation");
  grid.append(...rows.map(optionElement));
  group.append(heading, grid);
  return group;
}

function optionElement(row) {
  const option = element("div", "emoji", row[0]);
  option.setAttribute("role", "option");
  option.title = labelOf(row);
  option.setAttribute("aria-label", option.title);
  return option;
}

/** @param {Row} row */
export function labelOf([, names, words]) {
  if (words.startsWith("flag:")) return words; // the names are countries' codes
  const name = names.split(" ").find((one) => /^\p{L}/u.test(one)) ?? names;
  return name.replaceAll("_", " ");
}

/**
 * The emoji of which a word begins with every word of the query: first those with that name, then those of which a
 * name begins so.
 * @param {Row[]} rows
 * @param {string} query
 * @returns {Row[]}
 */
export function search(rows, query) {
  const words = query
    .toLowerCase()
    .replace(/^:|:$/g, "")
    .split(/[\s_]+/)
    .filter(Boolean);
  if (!words.length) return [];
  const ranked = rows.map((row) => ({ row, rank: rankOf(row, words) }));
  const found = ranked.filter(({ rank }) => rank < Infinity).sort((a, b) => a.rank - b.rank);
  return found.slice(0, FOUND_MAX).map(({ row }) => row);
}

function rankOf([emoji, names, others], words) {
  const all = ` ${emoji} ${names} ${others}`.toLowerCase().replaceAll("_", " ");
  if (!words.every((word) => all.includes(` ${word}`))) return Infinity;
  const name = words.join("_");
  if (` ${names} `.includes(` ${name} `)) return 0;
  return ` ${names}`.includes(` ${name}`) ? 1 : 2;
}

/**
 * Where an arrow key leads from an option: up and down by rows, past the end of a group into the next one.
 * @param {number} at the option's place among all
 * @param {string} key as in a page that is read from left to right
 * @param {number[]} sizes how many options each group has
 * @param {number} columns
 */
export function stepped(at, key, sizes, columns) {
  const rows = [];
  let count = 0;
  for (const size of sizes) {
    for (let done = 0; done < size; done += columns)
      rows.push({ first: count + done, last: count + Math.min(done + columns, size) - 1 });
    count += size;
  }
  if (key === "ArrowRight") return Math.min(at + 1, count - 1);
  if (key === "ArrowLeft") return Math.max(at - 1, 0);
  const index = rows.findIndex(({ last }) => at <= last);
  const next = rows[index + (key === "ArrowDown" ? 1 : -1)];
  return next ? Math.min(next.first + at - rows[index].first, next.last) : at;
}
