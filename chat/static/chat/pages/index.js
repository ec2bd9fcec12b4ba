/** The page that asks for a room: goes there, and shows what goes on in the others. */

import { RoomsList } from "../index/rooms_list.js";
import { hueClass } from "../lib/avatar.js";
import { browser, keepForOwner, openStorage, socketUrl } from "../lib/environment.js";
import { flawOfRoomName, isComposing, trimmed } from "../lib/input.js";
import { readJson, readStrings, TimeFormat } from "../lib/strings.js";
import { ReconnectingSocket } from "../net/reconnecting_socket.js";
import { readMark } from "../state/unread.js";

const MINUTE_MS = 60_000;
const ANSWER_MS = 15_000;

const form = document.querySelector("#enter");
const input = document.querySelector("#room-name-input");
const hint = document.querySelector("#room-name-hint");
const strings = readStrings(document);
const times = new TimeFormat(strings);
const storage = openStorage();
const you = readJson(document, "you");
const yours = document.querySelector("#your-rooms");
const rooms = listIn(document.querySelector("#rooms"));
const yourRooms = listIn(yours);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  enter(trimmed(input.value));
});
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && isComposing(event)) event.preventDefault();
});
input.addEventListener("input", () => say(""));

for (const tile of document.querySelectorAll("[data-hue-of]")) {
  tile.classList.add(hueClass(tile.dataset.hueOf));
}
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

function listIn(list) {
  const template = document.querySelector("#room-entry");
  const base = new URL(form.action).pathname;
  return new RoomsList(list, { template, strings, base, seenIn });
}

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
    rooms.setUnread(frame.unread);
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
  location.assign(`${new URL(form.action).pathname}${encodeURIComponent(name)}/`);
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
