/** The rooms beside a room, and the quick way to one. Loaded when they are first shown. */

import { RoomField } from "../rooms/room_field.js";
import { RoomsLists } from "../rooms/rooms_list.js";

/** Under which `sessionStorage` has what was shown last: the next page begins with it. */
const KEPT = "lobby:rooms";

/**
 * @param {HTMLElement} nav
 * @param {import("./room.js").Parts} parts its connection brings the lists, once they are asked for
 */
export function openRooms(nav, { strings, storage, room, me, connection }) {
  const lists = new RoomsLists(nav, { strings, storage, owner: () => me.id, current: room });
  const field = new RoomField(nav.querySelector("form"), {
    strings,
    names: () => lists.names,
    ask: (query) => connection.say({ type: "find_rooms", query }),
    choosesFirst: true,
  });
  const shown = kept(me.id);
  for (const frame of Object.values(shown)) lists.take(frame);
  for (const type of ["rooms", "your_rooms"]) {
    connection.on(type, (frame) => {
      lists.take(frame);
      shown[type] = frame;
      keep(me.id, shown);
    });
  }
  connection.on("found_rooms", (answer) => field.answered(answer));
  connection.on("welcome", () => field.askAgain());
}

/** @returns {Record<string, object>} frames by type; none of what was shown to somebody else */
function kept(owner) {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT));
    return found?.owner === owner ? found.frames : {};
  } catch {
    return {};
  }
}

function keep(owner, frames) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ owner, frames }));
  } catch {
    // Then the next page begins with an empty column.
  }
}
