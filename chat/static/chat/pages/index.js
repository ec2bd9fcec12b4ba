/** The page that asks for a room: goes there, and shows what goes on in the others. */

import { initials, paint } from "../lib/avatar.js";
import { arrange } from "../lib/elements.js";
import { browser, keepForOwner, openStorage, socketUrl } from "../lib/environment.js";
import { flawOfRoomName, isComposing, trimmed } from "../lib/input.js";
import { fill, fillCount, readJson, readStrings, TimeFormat } from "../lib/strings.js";
import { ReconnectingSocket } from "../net/reconnecting_socket.js";
import { capped, readMark } from "../state/unread.js";

const MINUTE_MS = 60_000;
const ANSWER_MS = 15_000;

/**
 * @typedef {{name: string, topic: string, sequence: number, last_posted_at: string, count: number,
 *   unread?: number, mentions?: number, epoch?: string, private?: boolean, password?: boolean}} Room
 */

/** A list of rooms, as the server sends it from time to time: who is where, and what was said. */
class RoomsList {
  #list;

  /** @param {HTMLElement} list entries the server has drawn are taken over */
  constructor(list) {
    this.#list = list;
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
   * @param {Record<string, number>} unread by room: what is new to you, of those where you have been
   * @param {Record<string, number>} mentions what of that mentions you
   */
  setUnread(unread, mentions) {
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

  /** @returns {Map<string, HTMLElement>} by the room's name */
  get #entries() {
    return new Map([...this.#list.children].map((entry) => [entry.dataset.room, entry]));
  }

  #newEntry({ name }) {
    const entry = emptyEntry.cloneNode(true);
    const avatar = entry.querySelector(".avatar");
    entry.dataset.room = name;
    entry.querySelector("a").href = pathOf(name);
    entry.querySelector(".name").textContent = name;
    const leave = entry.querySelector(".leave");
    leave.search = new URLSearchParams({ room: name });
    leave.querySelector("span").textContent = `: ${name}`;
    paint(avatar, name);
    avatar.textContent = initials(name).slice(0, 1);
    return entry;
  }

  #draw(entry, room) {
    const { topic, sequence, count, unread, mentions = 0, epoch = "" } = room;
    const one = (name) => entry.querySelector(name);
    put(one(".messages"), fillCount(strings, "messages", sequence));
    put(one(".topic"), topic);
    one(".topic-part").hidden = !topic;
    put(one(".here"), fill(strings.people_here, { count }));
    one(".here").hidden = count === 0;
    one(".lock").hidden = !(room.private || room.password);
    one("time").dateTime = room.last_posted_at;
    entry.dataset.sequence = sequence;
    entry.dataset.epoch = epoch;
    if (unread !== undefined) {
      entry.dataset.unread = unread;
      entry.dataset.mentions = mentions;
    }
    this.#drawUnread(entry);
  }

  /** Whatever is new both to the server and to this browser; where the server knows nothing, to the latter. */
  #drawUnread(entry) {
    const { room, sequence, unread, mentions, epoch } = entry.dataset;
    const read = seenIn(room, epoch);
    const toThisBrowser = read ? Math.max(0, sequence - read) : undefined;
    const toTheServer = unread === "" ? undefined : Number(unread);
    const count = Math.min(toThisBrowser ?? toTheServer ?? 0, toTheServer ?? toThisBrowser ?? 0);
    drawCount(entry.querySelector(".unread"), count);
    drawCount(entry.querySelector(".mentions"), count && Number(mentions), "@");
  }
}

function drawCount(badge, count, sign = "") {
  badge.hidden = count === 0;
  put(badge.querySelector(".number"), sign + capped(count));
}

const form = document.querySelector("#enter");
const input = document.querySelector("#room-name-input");
const hint = document.querySelector("#room-name-hint");
const strings = readStrings(document);
const times = new TimeFormat(strings);
const storage = openStorage();
const you = readJson(document, "you");
const yours = document.querySelector("#your-rooms");
const emptyEntry = document.querySelector("#room-entry").content.firstElementChild;
const rooms = new RoomsList(document.querySelector("#rooms"));
const yourRooms = new RoomsList(yours);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  enter(trimmed(input.value));
});
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && isComposing(event)) event.preventDefault();
});
input.addEventListener("input", () => say(""));

for (const tile of document.querySelectorAll("[data-hue-of]")) paint(tile, tile.dataset.hueOf);
showTimes();
setInterval(showTimes, MINUTE_MS);
window.addEventListener("pageshow", showTimes);
window.addEventListener("storage", () => {
  for (const list of [rooms, yourRooms]) list.countUnread(); // Another tab has read on.
});
keepForOwner(storage, you.id);
input.focus();
enterEarly();
listen();

/** @returns {number} 0 where one has never been in this epoch of the room, as far as this browser knows */
function seenIn(room, epoch) {
  const mark = readMark(storage, room);
  return mark.owner === you.id && mark.epoch === epoch ? mark.seen : 0;
}

/** Hear what goes on. Without it the list stays as it was when the page came. */
function listen() {
  const socket = new ReconnectingSocket({
    url: socketUrl("/ws/chat/"),
    protocol: "chat.v1",
    environment: browser,
    onState(state) {
      if (state === "closed") location.reload(); // One is somebody else now: logged out, as it seems.
    },
    onFrame(frame) {
      socket.established();
      take(frame);
    },
    onLost() {},
    // It knows no command: what it answers shows that it is there.
    onProbe() {
      socket.send({ type: "hello" });
      socket.expectFrame(ANSWER_MS);
    },
  });
  socket.start();
}

function take(frame) {
  if (frame.type === "rooms") {
    rooms.update(frame.rooms);
  } else if (frame.type === "your_rooms") {
    yourRooms.update(frame.rooms);
    rooms.setUnread(frame.unread, frame.mentions);
    yours.parentElement.hidden = frame.rooms.length === 0;
  }
  showTimes();
}

/** Who pressed Enter before this script was there has come back to this page with the name. */
function enterEarly() {
  const early = new URLSearchParams(location.search).get("room");
  if (early === null) return;
  history.replaceState(null, "", location.pathname);
  input.value = early;
  enter(trimmed(early));
}

function enter(name) {
  const flaw = flawOfRoomName(name);
  if (flaw) return say(strings[flaw]);
  location.assign(pathOf(name));
}

function pathOf(room) {
  return `${new URL(form.action).pathname}${encodeURIComponent(room)}/`;
}

function say(words) {
  hint.textContent = words;
  input.setAttribute("aria-invalid", String(words !== ""));
  if (words) input.focus();
}

function showTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const date = new Date(time.dateTime);
    time.textContent = times.ago(date);
    time.title = times.moment(date);
  }
}

/** What is the same already is left alone, so that it can be selected. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
