/** The list of rooms, as the server tells it from time to time: who is where, and what was said. */

import { arrange } from "lobby/arrange";
import { hueClass, initials } from "lobby/avatar";
import { fill } from "lobby/strings";

const UNREAD_MAX = 99;

/**
 * @typedef {{name: string, topic: string, sequence: number, last_posted_at: string, count: number}} Room
 */

export class RoomsList {
  #list;
  #template;
  #strings;
  #base;
  #seenIn;
  #plural;
  #isTold = false;

  /**
   * @param {HTMLElement} list entries the server has drawn are taken over
   * @param {object} options
   * @param {HTMLTemplateElement} options.template an empty entry
   * @param {Record<string, string>} options.strings
   * @param {string} options.base the path that rooms are under
   * @param {(room: string) => number} options.seenIn the read mark that this browser keeps, or 0
   */
  constructor(list, { template, strings, base, seenIn }) {
    this.#list = list;
    this.#template = template;
    this.#strings = strings;
    this.#base = base;
    this.#seenIn = seenIn;
    this.#plural = new Intl.PluralRules(document.documentElement.lang);
    for (const entry of this.#entries.values()) {
      const { sequence, unread } = entry.dataset;
      entry.dataset.readUpTo = Number(unread) && sequence - unread;
      this.#drawUnread(entry);
    }
  }

  /** @param {Room[]} rooms in order, and all there are */
  update(rooms) {
    const isFirst = !this.#isTold;
    this.#isTold = true;
    // What is told first may have been read before the page was drawn. What is read next follows soon.
    if (isFirst && newest(rooms) < this.#newestDrawn) return;
    const entries = this.#entries;
    const wanted = rooms.map((room) => {
      const entry = entries.get(room.name) ?? this.#newEntry(room);
      this.#draw(entry, room);
      return entry;
    });
    arrange(this.#list, wanted);
  }

  /** @returns {Map<string, HTMLElement>} by the room's name */
  get #entries() {
    return new Map([...this.#list.children].map((entry) => [entry.dataset.room, entry]));
  }

  get #newestDrawn() {
    return Date.parse(this.#list.querySelector("time")?.dateTime);
  }

  #newEntry({ name }) {
    const entry = this.#template.content.firstElementChild.cloneNode(true);
    const avatar = entry.querySelector(".avatar");
    entry.dataset.room = name;
    entry.dataset.readUpTo = 0;
    entry.querySelector("a").href = `${this.#base}${encodeURIComponent(name)}/`;
    entry.querySelector(".name").textContent = name;
    avatar.classList.add(hueClass(name));
    avatar.textContent = initials(name).slice(0, 1);
    return entry;
  }

  #draw(entry, { topic, sequence, last_posted_at, count }) {
    const one = (name) => entry.querySelector(name);
    const words = this.#strings[`messages_${this.#plural.select(sequence)}`];
    put(one(".messages"), fill(words ?? this.#strings.messages_other, { count: sequence }));
    put(one(".topic"), topic);
    one(".topic-part").hidden = !topic;
    put(one(".here"), fill(this.#strings.people_here, { count }));
    one(".here").hidden = count === 0;
    one("time").dateTime = last_posted_at;
    entry.dataset.sequence = sequence;
    this.#drawUnread(entry);
  }

  /** The server knows what was read in other browsers too, as it was when the page came. */
  #drawUnread(entry) {
    const { room, sequence, readUpTo } = entry.dataset;
    const read = Math.max(Number(readUpTo), this.#seenIn(room));
    // Who has never been there has missed nothing.
    const unread = read ? Math.max(0, Number(sequence) - read) : 0;
    const badge = entry.querySelector(".unread");
    badge.hidden = unread === 0;
    put(badge.querySelector(".number"), unread > UNREAD_MAX ? `${UNREAD_MAX}+` : String(unread));
  }
}

/** When something was said last, in the first of them: they come in that order. */
function newest([room]) {
  return room ? Date.parse(room.last_posted_at) : 0;
}

/** What is the same already is left alone, so that it can be selected. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
