/** What one does in a room beside writing: menus, reactions, moderation, the room's bar, the way to a message. */

import { MessageMenu } from "../log/message_menu.js";
import { PersonMenu } from "../people/person_menu.js";
import { RoomBar } from "./room_bar.js";

export class Acts {
  #strings;
  #me;
  #timeline;
  #connection;
  #log;
  #roster;
  #notices;
  #people;
  #messages;
  #bar;
  #ownActs;
  #isOffered = false;

  /**
   * @param {HTMLElement} page
   * @param {object} parts
   * @param {Record<string, string>} parts.strings
   * @param {import("../state/me.js").Me} parts.me
   * @param {import("../state/timeline.js").Timeline} parts.timeline
   * @param {import("../net/connection.js").Connection} parts.connection
   * @param {import("../log/log_view.js").LogView} parts.log
   * @param {import("../state/roster.js").Roster} parts.roster
   * @param {import("./status.js").Notices} parts.notices
   * @param {import("../composer/composing.js").Composing} parts.composing
   */
  constructor(page, { strings, me, timeline, connection, log, roster, notices, composing }) {
    this.#strings = strings;
    this.#me = me;
    this.#timeline = timeline;
    this.#connection = connection;
    this.#log = log;
    this.#roster = roster;
    this.#notices = notices;
    this.#makeMenus(composing);
    this.#bar = new RoomBar(page.querySelector("#room-bar"), {
      strings,
      timeline,
      onJump: (sequence) => this.jump(sequence),
      onUnpin: (sequence) => this.#perform({ type: "moderate", act: "unpin", sequence }),
      onLeft: () => log.focus(),
    });
    this.#ownActs = page.querySelectorAll("[data-own-act]");
    this.#listen();
  }

  openMenu(sequence, anchor) {
    this.#messages.open(this.#timeline.message(sequence), anchor);
  }

  openPerson({ id, name }, anchor) {
    this.#people.open({ id, name, role: this.#roleOf(id) }, anchor);
  }

  /** Show a message, wherever it stands. */
  async jump(sequence) {
    const entry = await this.#log.goTo(sequence);
    const { reply_gone, reply_not_loaded } = this.#strings;
    if (!entry) return this.#notices.refuse(entry === null ? reply_not_loaded : reply_gone);
    entry.querySelector(".more").focus({ preventScroll: true });
    entry.classList.add("aimed");
    entry.addEventListener("animationend", () => entry.classList.remove("aimed"), { once: true });
  }

  react(message, emoji, on) {
    this.#me.noteReaction(message, emoji, on);
    this.#connection.change(message, { type: "react", emoji, on });
  }

  #makeMenus(composing) {
    const options = {
      strings: this.#strings,
      situation: () => this.#situation,
      perform: (command, done) => this.#perform(command, done),
    };
    this.#people = new PersonMenu({ ...options, onBlock: (id, on) => this.#me.block(id, on) });
    this.#messages = new MessageMenu({
      ...options,
      people: this.#people,
      composing,
      notices: this.#notices,
      roleOf: (id) => this.#roleOf(id),
      react: (message, emoji, on) => this.react(message, emoji, on),
      remove: (message) => this.#connection.change(message, { type: "delete" }),
    });
  }

  #listen() {
    for (const button of this.#ownActs) {
      const command = { type: "moderate", act: button.dataset.ownAct };
      button.addEventListener("click", () => this.#perform(command));
    }
    this.#me.subscribe(() => this.#allowed());
    this.#timeline.subscribe(({ room, reset, sequences = [] }) => {
      if (room || reset || sequences.includes(this.#timeline.room.pinned)) this.#drawBar();
    });
    this.#connection.on("done", ({ notice }) => {
      if (notice) this.#notices.say(notice);
    });
  }

  #allowed() {
    const { offered = false } = this.#me.permissions;
    if (offered && !this.#isOffered) this.#notices.say(this.#strings.room_offered);
    this.#isOffered = offered;
    for (const button of this.#ownActs) button.hidden = !offered;
    this.#drawBar();
  }

  #drawBar() {
    this.#bar.show(this.#me.permissions);
  }

  get #situation() {
    const { you, permissions } = this.#me;
    return { you, permissions, room: this.#timeline.room, now: Date.now() };
  }

  /** @returns {string|undefined} undefined when that is not known: of who is not here */
  #roleOf(id) {
    const person = this.#roster.find(id);
    return person && (person.role ?? "visitor");
  }

  /** @returns {Promise<boolean>} whether it was done; if not, its author was told why */
  async #perform(command, done = "") {
    try {
      const { notice = done } = await this.#connection.act(command);
      if (notice) this.#notices.say(notice);
      return true;
    } catch (refusal) {
      if (refusal.message) this.#notices.refuse(refusal.message);
      return false;
    }
  }
}
