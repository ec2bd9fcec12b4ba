/** What opens under the room's title: the link that invites, and for who keeps order its settings and reports. */

import { joinCopyButtons } from "../lib/copy_button.js";
import { mayLeave, moderates } from "../state/permissions.js";
import { capped } from "../state/unread.js";

/**
 * @param {HTMLElement} page
 * @param {import("../pages/room.js").Parts} parts
 */
export function joinRoomPanel(page, { room, me, timeline, connection }) {
  const panel = page.querySelector("#room-panel");
  joinCopyButtons(panel);
  me.subscribe(() => {
    for (const row of panel.querySelectorAll(".for-moderators")) {
      row.hidden = !moderates(me.permissions);
    }
    panel.querySelector("#leave-room").hidden = !mayLeave(me.permissions);
  });
  timeline.subscribe((change) => {
    if (!change.room) return;
    const { private: isPrivate, password } = timeline.room;
    const access = isPrivate ? "private" : password ? "password" : "open";
    for (const words of panel.querySelectorAll("[data-access]")) {
      words.hidden = words.dataset.access !== access;
    }
  });
  connection.on("your_rooms", ({ rooms }) => {
    const { reports = 0 } = rooms.find(({ name }) => name === room) ?? {};
    for (const badge of page.querySelectorAll(".room-head .reports")) {
      badge.hidden = reports === 0;
      badge.querySelector(".number").textContent = capped(reports);
    }
  });
}
