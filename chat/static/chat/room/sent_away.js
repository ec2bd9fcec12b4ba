/** One may not be in the room any more: says what happened, as far as it is known, and where to go. */

import { rankOf } from "lobby/state/permissions";

const NOT_ALLOWED = 4403;

export class SentAway {
  #root;
  #strings;

  /**
   * @param {HTMLElement} root
   * @param {Record<string, string>} strings
   */
  constructor(root, strings) {
    this.#root = root;
    this.#strings = strings;
  }

  /**
   * @param {number} code why the socket was closed
   * @param {import("lobby/state/timeline").Room} room
   * @param {import("lobby/state/permissions").Standing} standing
   */
  show(code, room, standing) {
    if (code !== NOT_ALLOWED) return;
    const isShut = (room.private || room.password) && rankOf(standing) === 0;
    const words = isShut ? this.#strings.sent_away_private : this.#strings.sent_away;
    this.#root.querySelector(".words").textContent = words;
    this.#root.hidden = false;
  }
}
