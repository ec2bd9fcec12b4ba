/**
 * Who is here: a column beside the log where there is room for it, else a sheet over it. Beyond 100
 * people it is searched instead of listed.
 */

import { drawAvatar, tellApart, verifiedMark } from "../lib/avatar.js";
import { arrange, element } from "../lib/elements.js";
import { browser, Throttle } from "../lib/environment.js";
import { fill } from "../lib/strings.js";
import { Side } from "../room/side.js";

/** From here on there is room for a column (the same stands in room.css), and here for it beside what is found. */
const [WIDE, WIDER] = [1000, 1300];
const SEARCH_MS = 250;
/** Where the list is a page of a longer one the server does not send every change: it is asked for again. */
const REFRESH_MS = 5_000;
/** The count is read out at most this often. */
const ANNOUNCE_MS = 20_000;

export class PeoplePanel {
  #root;
  #side;
  /** Opens and closes it, and shows the count. */
  #button;
  /** Where the count is read out. */
  #announcer;
  #list;
  #search;
  #roster;
  #strings;
  #onPerson;
  #connection;
  #me;
  /** @type {Map<string, PersonEntry>} */
  #entries = new Map();
  /** @type {import("../state/roster.js").Person[]|null} the answer to what is searched */
  #found = null;
  #searchTimer;
  #announcing = new Throttle(() => this.#announce(), ANNOUNCE_MS, browser);
  #refreshing = new Throttle(() => this.#refresh(), REFRESH_MS, browser);
  #isDrawing = false;

  /**
   * @param {HTMLElement} page
   * @param {import("../pages/room.js").Parts} parts
   * @param {(person: import("../state/roster.js").Person, button: HTMLButtonElement) => void} onPerson
   */
  constructor(page, { connection, roster, strings, me }, onPerson) {
    this.#root = page.querySelector("#people");
    this.#button = page.querySelector("#people-button");
    this.#announcer = page.querySelector("#people-told");
    this.#list = this.#root.querySelector(".people-list");
    this.#search = this.#root.querySelector("[type=search]");
    this.#roster = roster;
    this.#strings = strings;
    this.#me = me;
    this.#onPerson = onPerson;
    this.#connection = connection;
    this.#side = new Side(this.#root, {
      sheet: page.querySelector("#people-sheet"),
      button: this.#button,
      wide: WIDE,
      wider: WIDER,
      onChange: () => this.#drawSoon(),
    });
    this.#listen();
  }

  /** There is another column, or no longer: where there is no room for two, this one is a sheet. */
  stepAside(hasNeighbour) {
    this.#side.stepAside(hasNeighbour);
  }

  /** An answer to what is no longer asked is dropped. */
  #answered({ query, people }) {
    if (query !== this.#search.value) return;
    this.#found = people;
    this.#drawSoon();
  }

  #listen() {
    this.#roster.subscribe(() => this.#changed());
    this.#me.subscribe(() => this.#drawSoon());
    this.#connection.on("people", (answer) => this.#answered(answer));
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#searchTimer);
      this.#searchTimer = setTimeout(() => this.#ask(), SEARCH_MS);
    });
  }

  #changed() {
    this.#drawSoon();
    this.#announcing.want();
    if (!this.#roster.isComplete) this.#refreshing.want();
  }

  #refresh() {
    if (this.#side.isShown) this.#ask();
  }

  #ask() {
    if (this.#roster.isComplete) return;
    this.#connection.say({ type: "people", query: this.#search.value });
  }

  #announce() {
    const words = this.#countWords;
    if (this.#announcer.textContent !== words) this.#announcer.textContent = words;
  }

  get #countWords() {
    return fill(this.#strings.people_here, { count: this.#roster.count });
  }

  #drawSoon() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    queueMicrotask(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  #draw() {
    const { isComplete, count } = this.#roster;
    if (count === 0) return; // One is here oneself: the server has not said yet.
    this.#drawCount();
    if (isComplete) this.#endSearch();
    this.#search.hidden = isComplete;
    const people = this.#found
      ? this.#roster.sorted(this.#found, this.#me.id)
      : this.#roster.list(this.#me.id);
    const ids = people.map(({ id }) => id);
    if (isComplete) tellApart(ids, () => document.querySelectorAll(".avatar[data-face]"));
    const entries = people.map((person) => this.#entry(person));
    this.#forgetAllBut(new Set(ids));
    arrange(this.#list, entries);
    this.#root.querySelector(".nobody").hidden = people.length > 0 || isComplete;
  }

  #endSearch() {
    this.#found = null;
    this.#search.value = "";
    // What goes away hands the focus on.
    if (document.activeElement === this.#search) this.#root.querySelector(".close").focus();
  }

  #drawCount() {
    const { count } = this.#roster;
    this.#button.querySelector(".number").textContent = count;
    this.#button.querySelector(".words").textContent = this.#countWords;
    this.#root.querySelector(".number").textContent = count;
  }

  #entry(person) {
    const isYou = person.id === this.#me.id;
    let entry = this.#entries.get(person.id);
    if (entry?.isYou !== isYou) {
      entry = new PersonEntry({ isYou, strings: this.#strings, onPress: this.#onPerson });
      this.#entries.set(person.id, entry);
    }
    entry.show(person);
    return entry.element;
  }

  #forgetAllBut(ids) {
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
  }
}

/** Roles that are worth a word. */
const ROLES = { owner: "role_owner", moderator: "role_moderator" };

/** One person in the list. */
class PersonEntry {
  element = document.createElement("li");
  isYou;
  #strings;
  #person;
  #avatar = element("span", "avatar");
  #name = element("bdi", "name");
  #verified;
  #role = element("span", "role");

  /**
   * @param {object} options
   * @param {boolean} options.isYou
   * @param {Record<string, string>} options.strings
   * @param {(person: import("../state/roster.js").Person, button: HTMLButtonElement) => void} options.onPress
   */
  constructor({ isYou, strings, onPress }) {
    this.isYou = isYou;
    this.#strings = strings;
    const row = element(isYou ? "div" : "button", "person");
    this.#avatar.setAttribute("aria-hidden", "true");
    this.#verified = verifiedMark(strings.verified);
    const below = element("span", "below");
    if (isYou) below.append(element("span", "you", strings.you));
    below.append(this.#role);
    row.append(this.#avatar, this.#name, this.#verified, below);
    if (!isYou) {
      row.type = "button";
      row.setAttribute("aria-haspopup", "menu");
      row.setAttribute("aria-expanded", "false");
      row.addEventListener("click", () => onPress(this.#person, row));
    }
    this.element.append(row);
  }

  /** @param {import("../state/roster.js").Person} person */
  show(person) {
    const role = ROLES[person.role];
    this.#person = person;
    drawAvatar(this.#avatar, person);
    this.#name.textContent = this.#name.title = person.name;
    this.#verified.hidden = !person.verified;
    this.#role.hidden = !role;
    this.#role.textContent = role ? this.#strings[role] : "";
  }
}
