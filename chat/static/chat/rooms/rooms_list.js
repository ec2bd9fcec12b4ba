/** Rooms as they are listed: one's own, and others that were talked in lately, as the server sends them from time
 * to time. */

import { initials, paint } from "../lib/avatar.js";
import { arrange } from "../lib/elements.js";
import { fill, fillCount, TimeFormat } from "../lib/strings.js";
import { capped, isReadMark, readMark } from "../state/unread.js";

const MINUTE_MS = 60_000;

/**
 * @typedef {{name: string, topic: string, sequence: number, last_posted_at: string, count: number,
 *   unread?: number, mentions?: number, reports?: number, epoch?: string, private?: boolean, password?: boolean}} Room
 */

export class RoomsLists {
  #root;
  #yours;
  #others;
  #times;
  /** @type {Room[]} */
  #listed = [];
  /**
   * @param {HTMLElement} root what the server has drawn in it is taken over
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {Storage|null} options.storage
   * @param {() => string} options.owner the id of who reads
   * @param {string} [options.current] the name of the room that this page is of
   */
  constructor(root, options) {
    this.#root = root;
    this.#times = new TimeFormat(options.strings);
    const template = root.querySelector("template").content.firstElementChild;
    this.#yours = new RoomsList(root.querySelector("#your-rooms"), template, options);
    this.#others = new RoomsList(root.querySelector("#other-rooms"), template, options);
    for (const tile of root.querySelectorAll("[data-hue-of]")) paint(tile, tile.dataset.hueOf);
    this.#showTimes();
    setInterval(() => this.#showTimes(), MINUTE_MS);
    window.addEventListener("pageshow", () => this.#showTimes());
    window.addEventListener("storage", ({ key }) => {
      if (!isReadMark(key)) return;
      for (const list of [this.#yours, this.#others]) list.countUnread(); // Another tab has read on.
    });
  }

  /** @param {{type: "rooms"|"your_rooms", rooms: Room[]}} frame */
  take(frame) {
    if (frame.type === "rooms") this.#listed = frame.rooms;
    else this.#yours.update(frame.rooms);
    const own = new Set(this.#yours.names);
    const others = this.#listed.filter(({ name }) => !own.has(name));
    this.#others.update(others);
    if (frame.type === "your_rooms") this.#others.setUnread(frame);
    this.#root.querySelector(".yours").hidden = own.size === 0;
    this.#root.querySelector(".others").hidden = own.size > 0 && others.length === 0;
    this.#showTimes();
  }

  /** The names of all, in order. @returns {string[]} */
  get names() {
    return [...this.#yours.names, ...this.#others.names];
  }

  #showTimes() {
    for (const time of this.#root.querySelectorAll("time[data-ago]")) {
      const date = new Date(time.dateTime);
      time.textContent = this.#times.ago(date);
      time.title = this.#times.moment(date);
    }
  }
}

class RoomsList {
  #list;
  #template;
  #strings;
  #storage;
  #owner;
  #current;

  constructor(list, template, { strings, storage, owner, current }) {
    this.#list = list;
    this.#template = template;
    this.#strings = strings;
    this.#storage = storage;
    this.#owner = owner;
    this.#current = current;
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

  /**
   * @param {object} news
   * @param {Record<string, number>} news.unread by room: what is new to you, of those where you have been
   * @param {Record<string, number>} [news.mentions] what of that mentions you
   */
  setUnread({ unread, mentions = {} }) {
    for (const [room, entry] of this.#entries) {
      entry.dataset.unread = unread[room] ?? "";
      entry.dataset.mentions = mentions[room] ?? 0;
    }
    this.countUnread();
  }

  /** What this browser has read may have changed. */
  countUnread() {
    for (const entry of this.#entries.values()) this.#drawUnread(entry);
  }

  get names() {
    return [...this.#entries.keys()];
  }

  /** @returns {Map<string, HTMLElement>} by the room's name */
  get #entries() {
    return new Map([...this.#list.children].map((entry) => [entry.dataset.room, entry]));
  }

  #newEntry({ name }) {
    const entry = this.#template.cloneNode(true);
    const avatar = entry.querySelector(".avatar");
    const link = entry.querySelector("a");
    entry.dataset.room = name;
    link.href = pathOf(name);
    if (name === this.#current) link.setAttribute("aria-current", "page");
    entry.querySelector(".name").textContent = name;
    const leave = entry.querySelector(".leave");
    leave.search = new URLSearchParams({ room: name });
    leave.querySelector("span").textContent = `: ${name}`;
    paint(avatar, name);
    avatar.textContent = initials(name).slice(0, 1);
    return entry;
  }

  #draw(entry, room) {
    const { topic, sequence, count, unread, mentions = 0, reports = 0, epoch = "" } = room;
    const one = (name) => entry.querySelector(name);
    put(one(".messages"), fillCount(this.#strings, "messages", sequence));
    put(one(".topic"), topic);
    one(".topic-part").hidden = !topic;
    put(one(".here"), fill(this.#strings.people_here, { count }));
    one(".here").hidden = count === 0;
    one(".lock").hidden = !(room.private || room.password);
    one("time").dateTime = room.last_posted_at;
    drawCount(one(".reports"), reports, "!");
    entry.dataset.posts = sequence;
    entry.dataset.epoch = epoch;
    if (unread !== undefined) {
      entry.dataset.unread = unread;
      entry.dataset.mentions = mentions;
    }
    this.#drawUnread(entry);
  }

  /** Whatever is new both to the server and to this browser; where the server knows nothing, to the latter. */
  #drawUnread(entry) {
    const { room, posts, unread, mentions, epoch } = entry.dataset;
    const read = this.#seenIn(room, epoch);
    const toThisBrowser = read ? Math.max(0, posts - read) : undefined;
    const toTheServer = unread === "" ? undefined : Number(unread);
    const count = Math.min(toThisBrowser ?? toTheServer ?? 0, toTheServer ?? toThisBrowser ?? 0);
    drawCount(entry.querySelector(".unread"), count);
    drawCount(entry.querySelector(".mentions"), count && Number(mentions), "@");
  }

  /** @returns {number} 0 where one has never been in this epoch of the room, as far as this browser knows */
  #seenIn(room, epoch) {
    const mark = readMark(this.#storage, room);
    return mark.owner === this.#owner() && mark.epoch === epoch ? mark.seen : 0;
  }
}

/** The address of a room. */
export function pathOf(room) {
  return `/chat/${encodeURIComponent(room)}/`;
}

function drawCount(badge, count, sign = "") {
  badge.hidden = count === 0;
  put(badge.querySelector(".number"), sign + capped(count));
}

/** What is the same already is left alone, so that it can be selected. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
