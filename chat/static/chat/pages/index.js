/** The page that asks for a room: goes there, and shows what goes on in the others. */

import { browser, keepForOwner, openStorage, socketUrl } from "../lib/environment.js";
import { joinLook } from "../lib/look.js";
import { readJson, readStrings } from "../lib/strings.js";
import { ReconnectingSocket } from "../net/reconnecting_socket.js";
import { RoomField } from "../rooms/room_field.js";
import { RoomsLists } from "../rooms/rooms_list.js";

const ANSWER_MS = 15_000;

const strings = readStrings(document);
const storage = openStorage();
const you = readJson(document, "you");
const lists = new RoomsLists(document.querySelector("#rooms"), {
  strings,
  storage,
  owner: () => you.id,
});
// Without the socket the list stays as it was when the page came.
const socket = new ReconnectingSocket({
  url: socketUrl("/ws/chat/"),
  protocol: "chat.v1",
  environment: browser,
  onState(state) {
    if (state === "open") field.askAgain();
    if (state === "closed") location.reload(); // One is somebody else now: logged out, as it seems.
  },
  onFrame(frame) {
    socket.established();
    if (frame.type === "found_rooms") field.answered(frame);
    else if (frame.type === "rooms" || frame.type === "your_rooms") lists.take(frame);
  },
  onLost() {},
  // What it answers shows that it is there.
  onProbe() {
    socket.send({ type: "find_rooms", query: "" });
    socket.expectFrame(ANSWER_MS);
  },
});
const field = new RoomField(document.querySelector("#enter"), {
  strings,
  names: () => lists.names,
  ask(query) {
    if (socket.isEstablished) socket.send({ type: "find_rooms", query });
  },
});
joinLook();
keepForOwner(storage, you.id);
document.querySelector("#room-name-input").focus();
socket.start();
