/** A list of rooms, as the server sends it from time to time: who is where, and what was said. */

import { hueClass, initials } from "../lib/avatar.js";
import { arrange } from "../lib/elements.js";
import { fill } from "../lib/strings.js";

const UNREAD_MAX = 99;

/**
 * @typedef {{name: string, topic: string, sequence: number, last_posted_at: string, count: number,
 *   unread?: number, epoch?: string, private?: boolean, password?: boolean}} Room
 */

export class RoomsList {
  #list;
  #template;
  #strings;
  #base;
  #seenIn;
  #plural;

  /**
   * @param {HTMLElement} list entries the server has drawn are taken over
   * @param {object} options
   * @param {HTMLTemplateElement} options.template an empty entry
   * @param {Record<string, string>} options.strings
   * @param {string} options.base the path that rooms are under
   * @param {(room: string, epoch: string) => number} options.seenIn the read mark that this browser keeps, or 0
   */
  constructor(list, { template, strings, base, seenIn }) {
    this.#list = list;
    this.#template = template;
    this.#strings = strings;
    this.#base = base;
    this.#seenIn = seenIn;
    this.#plural = new Intl.PluralRules(document.documentElement.lang);
    this.countUnread();
  }

  /** @param {Room[]} rooms in order, and all there are */
  update(rooms) {
    const entries = this.#entries;
    const wanted = rooms.map((room) => {
      const entry = entries.get(room.name) ?? this.#newEntry(room);
      this.#draw(entry, room);
      return entry;
    });
    arrange(this.#list, wanted);
  }

  /** @param {Record<string, number>} unread by room: what is new to you, of those where you have been */
  setUnread(unread) {
    for (const [room, entry] of this.#entries) entry.dataset.unread = unread[room] ?? "";
    this.countUnread();
  }

  /** What this browser has read may have changed. */
  countUnread() {
    for (const entry of this.#entries.values()) this.#drawUnread(entry);
  }

  /** @returns {Map<string, HTMLElement>} by the room's name */
  get #entries() {
    return new Map([...this.#list.children].map((entry) => [entry.dataset.room, entry]));
  }

  #newEntry({ name }) {
    const entry = this.#template.content.firstElementChild.cloneNode(true);
    const avatar = entry.querySelector(".avatar");
    entry.dataset.room = name;
    entry.querySelector("a").href = `${this.#base}${encodeURIComponent(name)}/`;
    entry.querySelector(".name").textContent = name;
    const leave = entry.querySelector(".leave");
    leave.search = new URLSearchParams({ room: name });
    leave.querySelector("span").textContent = `: ${name}`;
    avatar.classList.add(hueClass(name));
    avatar.textContent = initials(name).slice(0, 1);
    return entry;
  }

  #draw(entry, room) {
    const { topic, sequence, count, unread, epoch = "" } = room;
    const one = (name) => entry.querySelector(name);
    const words = this.#strings[`messages_${this.#plural.select(sequence)}`];
    put(one(".messages"), fill(words ?? this.#strings.messages_other, { count: sequence }));
    put(one(".topic"), topic);
    one(".topic-part").hidden = !topic;
    put(one(".here"), fill(this.#strings.people_here, { count }));
    one(".here").hidden = count === 0;
    one(".lock").hidden = !(room.private || room.password);
    one("time").dateTime = room.last_posted_at;
    entry.dataset.sequence = sequence;
    entry.dataset.epoch = epoch;
    if (unread !== undefined) entry.dataset.unread = unread;
    this.#drawUnread(entry);
  }

  /** Whatever is new both to the server and to this browser; where the server knows nothing, to the latter. */
  #drawUnread(entry) {
    const { room, sequence, unread, epoch } = entry.dataset;
    const read = this.#seenIn(room, epoch);
    const toThisBrowser = read ? Math.max(0, sequence - read) : undefined;
    const toTheServer = unread === "" ? undefined : Number(unread);
    const count = Math.min(toThisBrowser ?? toTheServer ?? 0, toTheServer ?? toThisBrowser ?? 0);
    const badge = entry.querySelector(".unread");
    badge.hidden = count === 0;
    put(badge.querySelector(".number"), count > UNREAD_MAX ? `${UNREAD_MAX}+` : String(count));
  }
}

/** What is the same already is left alone, so that it can be selected. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
