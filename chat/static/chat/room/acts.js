/** What one does in a room beside writing: menus, reactions, moderation, the room's bar, the way to a message. */

import { Menus } from "./menus.js";
import { RoomBar } from "./room_bar.js";

export class Acts {
  /** @type {Menus} */
  menus;
  #parts;
  #bar;
  #ownActs;
  #isOffered = false;

  /**
   * @param {HTMLElement} page
   * @param {import("../pages/room.js").Parts} parts
   * @param {import("../composer/composing.js").Composing} composing
   */
  constructor(page, parts, composing) {
    this.#parts = parts;
    this.menus = new Menus(parts, composing, {
      perform: (command, done) => this.#perform(command, done),
      react: (message, emoji, on) => this.react(message, emoji, on),
    });
    this.#bar = new RoomBar(page.querySelector("#room-bar"), parts, {
      onJump: (sequence) => this.jump(sequence),
      onUnpin: (sequence) => this.menus.unpin(sequence),
    });
    this.#ownActs = page.querySelectorAll("[data-own-act]");
    this.#listen();
  }

  /** Show a message, wherever it stands. */
  async jump(sequence) {
    const { log, notices, strings } = this.#parts;
    const entry = await log.goTo(sequence);
    if (!entry)
      return notices.refuse(entry === null ? strings.reply_not_loaded : strings.reply_gone);
    entry.querySelector(".more").focus({ preventScroll: true });
    entry.classList.add("aimed");
    entry.addEventListener("animationend", () => entry.classList.remove("aimed"), { once: true });
  }

  react(message, emoji, on) {
    const { ownReactions, connection } = this.#parts;
    ownReactions.changed(message, emoji, on);
    connection.change(message, { type: "react", emoji, on });
  }

  #listen() {
    const { me, timeline, connection, notices } = this.#parts;
    for (const button of this.#ownActs) {
      const command = { type: "moderate", act: button.dataset.ownAct };
      button.addEventListener("click", () => this.#perform(command));
    }
    me.subscribe(() => this.#allowed());
    timeline.subscribe(({ room, reset, sequences = [] }) => {
      if (room || reset || sequences.includes(timeline.room.pinned)) this.#drawBar();
    });
    connection.on("done", ({ notice }) => {
      if (notice) notices.say(notice);
    });
  }

  #allowed() {
    const { me, notices, strings } = this.#parts;
    const { offered = false } = me.permissions;
    if (offered && !this.#isOffered) notices.say(strings.room_offered);
    this.#isOffered = offered;
    for (const button of this.#ownActs) button.hidden = !offered;
    this.#drawBar();
  }

  #drawBar() {
    this.#bar.show(this.#parts.me.permissions);
  }

  /** @returns {Promise<boolean>} whether it was done; if not, its author was told why */
  async #perform(command, done = "") {
    const { connection, notices } = this.#parts;
    try {
      const { notice = done } = await connection.act(command);
      if (notice) notices.say(notice);
      return true;
    } catch (refusal) {
      if (refusal.message) notices.refuse(refusal.message);
      return false;
    }
  }
}
