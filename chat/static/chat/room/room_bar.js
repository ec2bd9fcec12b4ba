/** What holds in the room, under its head: who may read and talk, how long messages stay, what is pinned. */

import { button, element } from "../lib/elements.js";
import { fill, fillCount } from "../lib/strings.js";
import { excerptOf } from "../log/message_body.js";
import { moderates } from "../state/permissions.js";

export class RoomBar {
  #root;
  #strings;
  #timeline;
  #onJump;
  #onUnpin;
  #log;
  #drawn = "";

  /**
   * @param {HTMLElement} root
   * @param {import("../pages/room.js").Parts} parts
   * @param {Record<"onJump"|"onUnpin", (sequence: number) => void>} hooks
   */
  constructor(root, { strings, timeline, log }, { onJump, onUnpin }) {
    this.#root = root;
    this.#strings = strings;
    this.#timeline = timeline;
    this.#onJump = onJump;
    this.#onUnpin = onUnpin;
    this.#log = log;
  }

  /** @param {import("../state/permissions.js").Permissions} permissions */
  show(permissions) {
    const badges = badgesOf(this.#timeline.room, this.#strings);
    const { pinned } = this.#timeline.room;
    const message = this.#timeline.message(pinned);
    const key = JSON.stringify([badges, pinned, this.#wordsOf(message), moderates(permissions)]);
    if (key === this.#drawn) return; // The focus stays where it is.
    this.#drawn = key;
    const hadFocus = this.#root.contains(document.activeElement);
    this.#root.hidden = badges.length === 0 && !pinned;
    this.#root.replaceChildren();
    if (badges.length) this.#root.append(foldedLine(badges.join(" · ")));
    if (pinned) this.#root.append(this.#pin(pinned, message, moderates(permissions)));
    if (hadFocus) this.#handFocusOn();
  }

  #handFocusOn() {
    const text = this.#root.querySelector("button");
    if (text) text.focus();
    else this.#log.focus();
  }

  #pin(sequence, message, mayUnpin) {
    const pin = element("div", "pin");
    const text = button("pin-text", "", () => this.#onJump(sequence));
    const said = element("span", "excerpt", this.#wordsOf(message));
    said.dir = "auto";
    text.append(element("span", "pin-mark", this.#strings.pinned), " ", said);
    text.title = this.#strings.reply_jump;
    pin.append(text);
    if (mayUnpin) {
      const unpin = button("quiet", "×", () => this.#onUnpin(sequence));
      unpin.title = this.#strings.unpin;
      unpin.setAttribute("aria-label", this.#strings.unpin);
      pin.append(unpin);
    }
    return pin;
  }

  #wordsOf(message) {
    if (!message) return this.#strings.pinned_earlier;
    return this.#timeline.isFolded(message) ? this.#strings.blocked_message : excerptOf(message);
  }
}

/** One line: a press shows what is cut off. */
function foldedLine(words) {
  const line = button("badges", words, () => {
    line.ariaExpanded = String(line.ariaExpanded !== "true");
  });
  line.ariaExpanded = "false";
  return line;
}

/** @param {import("../state/timeline.js").Room} room @returns {string[]} */
function badgesOf(room, strings) {
  return [
    room.closed && strings.badge_closed,
    room.private && strings.badge_private,
    room.password && strings.badge_password,
    room.hidden && strings.badge_hidden,
    room.read_only && strings.badge_read_only,
    room.slow_mode && fill(strings.badge_slow, { count: room.slow_mode }),
    room.retention_days && fillCount(strings, "badge_kept", room.retention_days),
  ].filter(Boolean);
}
