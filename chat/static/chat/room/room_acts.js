/**
 * What a person does in a room beside talking, and what the room lets them: joins menus, reactions,
 * answers, edits, the room's bar and the notices with the connection.
 */

import { CompletionList, completions, isCommand } from "lobby/composer/completion";
import { PurposeLine } from "lobby/composer/purpose";
import { Silence } from "lobby/composer/silence";
import { runCountdowns } from "lobby/log/countdowns";
import { LogKeys } from "lobby/log/log_keys";
import { PersonMenu } from "lobby/people/person_menu";
import { MessageMenu } from "lobby/room/message_menu";
import { Notices } from "lobby/room/notices";
import { RoomBar } from "lobby/room/room_bar";
import { SentAway } from "lobby/room/status_line";
import { OwnReactions } from "lobby/state/own_reactions";

/** So many messages back, their authors are offered where a name is written. */
const SPOKE_LAST = 200;

export class RoomActs {
  #strings;
  #timeline;
  #connection;
  #log;
  #roster;
  #composer;
  #you;
  #standing = {};
  #notices;
  #people;
  #messages;
  #purpose;
  #bar;
  #silence;
  #reactions = new OwnReactions();
  #sentAway;
  #completions;
  #ownActs = [];

  /**
   * @param {HTMLElement} page
   * @param {object} parts
   * @param {Record<string, string>} parts.strings
   * @param {import("lobby/state/timeline").Author} parts.you
   * @param {import("lobby/state/timeline").Timeline} parts.timeline
   * @param {import("lobby/net/connection").Connection} parts.connection
   * @param {import("lobby/log/log_view").LogView} parts.log
   * @param {import("lobby/state/roster").Roster} parts.roster
   * @param {import("lobby/composer/composer").Composer} parts.composer
   */
  constructor(page, { strings, you, timeline, connection, log, roster, composer }) {
    this.#strings = strings;
    this.#timeline = timeline;
    this.#connection = connection;
    this.#log = log;
    this.#roster = roster;
    this.#composer = composer;
    this.#you = you;
    this.#makeParts(page);
    this.#listen(page);
  }

  #makeParts(page) {
    const strings = this.#strings;
    const situation = () => this.#situation;
    const perform = (command, done) => this.#perform(command, done);
    const composer = this.#composer;
    this.#notices = new Notices(page.querySelector(".notices"), {
      strings,
      onDismiss: () => composer.focus(),
    });
    this.#purpose = new PurposeLine(page.querySelector("#purpose"), { strings, composer });
    const { reply } = composer.draft;
    if (reply) this.#purpose.reply(reply);
    this.#people = new PersonMenu({
      strings,
      situation,
      perform,
      onBlock: (id, on) => this.#block(id, on),
    });
    this.#messages = new MessageMenu({
      strings,
      situation,
      perform,
      people: this.#people,
      purpose: this.#purpose,
      notices: this.#notices,
      roleOf: (id) => this.#roleOf(id),
      react: (message, emoji, on) => this.react(message, emoji, on),
      remove: (message) => this.#connection.change(message, { type: "delete" }),
    });
    this.#bar = new RoomBar(page.querySelector("#room-bar"), {
      strings,
      timeline: this.#timeline,
      onJump: (sequence) => this.jump(sequence),
      onUnpin: (sequence) => perform({ type: "moderate", act: "unpin", sequence }),
      onLeft: () => page.querySelector("#chat-log").focus({ preventScroll: true }),
    });
    this.#silence = new Silence(page.querySelector("#silence"), { strings, composer });
    this.#sentAway = new SentAway(page.querySelector("#sent-away"), strings);
  }

  #listen(page) {
    const log = page.querySelector("#chat-log");
    new LogKeys(log, (button) => button.click());
    this.#completions = new CompletionList(page.querySelector("#completions"), {
      input: page.querySelector("#chat-message-input"),
      complete: (text) =>
        completions(text, {
          standing: this.#standing,
          names: this.#names,
          strings: this.#strings,
        }),
      write: (text) => this.#composer.write(text),
    });
    runCountdowns(log.querySelector(".pendings"), this.#strings.sent_in);
    this.#timeline.subscribe(({ pending = [] }) => {
      this.#roomChanged();
      if (pending.length) queueMicrotask(() => this.#giveBack(pending));
    });
    this.#connection.on("welcome", ({ standing }) => this.#stand(standing));
    this.#connection.on("standing", (standing) => this.#stand(standing));
    this.#ownActs = page.querySelectorAll("[data-own-act]");
    for (const button of this.#ownActs) {
      const command = { type: "moderate", act: button.dataset.ownAct };
      button.addEventListener("click", () => this.#perform(command));
    }
    this.#connection.on("done", ({ notice }) => {
      if (notice) this.#notices.say(notice);
    });
  }

  /** Who acts: an account may be there now where a guest was. */
  set you(you) {
    this.#you = you;
  }

  /** What was written is to be sent. */
  send(text) {
    this.#completions.close();
    this.#notices.clear();
    const purpose = this.#purpose.fulfil();
    if (purpose?.kind === "edit") return this.#edit(purpose.message, text);
    this.#connection.post(text, purpose?.message.sequence);
    this.#log.goToBottom();
  }

  /** Change the last message of one's own, and never the one before while the last is on its way. */
  editLast() {
    const { pendings, hasNewer } = this.#timeline;
    const waiting = pendings.posts.findLast(({ state }) => state !== "failed");
    if (waiting) return waiting.message.startsWith("/") ? undefined : this.#purpose.edit(waiting);
    if (hasNewer) this.#log.goToBottom();
    const { sequences } = this.#timeline;
    const isOwn = ({ author, deleted }) => author.id === this.#you.id && !deleted;
    const last = sequences.findLast((sequence) => isOwn(this.#timeline.message(sequence)));
    if (last !== undefined) this.#purpose.edit(this.#timeline.message(last));
  }

  /** A command that was refused is to be mended where it was written, unless something else is written there. */
  #giveBack(clientIds) {
    for (const { client_id, type, state, message, reason } of clientIds
      .map((id) => this.#timeline.pendings.get(id))
      .filter(Boolean)) {
      if (type || state !== "failed" || !isCommand(message) || this.#composer.text) continue;
      this.#connection.discard(client_id);
      this.#notices.refuse(reason);
      this.#composer.write(message);
    }
  }

  /** Just write a message again. */
  dropPurpose() {
    if (this.#purpose.isOn) this.#purpose.cancel();
  }

  openMenu(sequence, anchor) {
    this.#messages.open(this.#timeline.message(sequence), anchor);
  }

  openPerson({ id, name }, anchor) {
    this.#people.open({ id, name, role: this.#roleOf(id) }, anchor);
  }

  /** Of others who are here, and of those who spoke last: they may have left. */
  get #names() {
    const { sequences } = this.#timeline;
    const spoke = sequences.slice(-SPOKE_LAST).map((n) => this.#timeline.message(n).author.name);
    const names = new Set([...this.#roster.names, ...spoke]);
    names.delete(this.#you.name);
    return [...names];
  }

  /** @returns {string|undefined} undefined when that is not known: of who is not here */
  #roleOf(id) {
    const person = this.#roster.find(id);
    return person && (person.role ?? "visitor");
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
    this.#reactions.note(message, emoji, on);
    this.#connection.change(message, { type: "react", emoji, on });
  }

  hasReacted(message, emoji) {
    return this.#reactions.has(message, emoji, this.#you);
  }

  /** The server has closed the socket for good. */
  closed(code) {
    this.#sentAway.show(code, this.#timeline.room, this.#standing);
  }

  get #situation() {
    const { room } = this.#timeline;
    return { you: this.#you, standing: this.#standing, room, now: Date.now() };
  }

  #stand(standing) {
    if (standing.offered && !this.#standing.offered) this.#notices.say(this.#strings.room_offered);
    for (const button of this.#ownActs) button.hidden = !standing.offered;
    this.#standing = standing;
    this.#timeline.blocked = standing.blocked ?? [];
    this.#roomChanged();
  }

  #roomChanged() {
    this.#bar.show(this.#standing);
    this.#silence.judge(this.#timeline.room, this.#standing);
  }

  #block(id, on) {
    const others = (this.#standing.blocked ?? []).filter((blocked) => blocked !== id);
    this.#stand({ ...this.#standing, blocked: on ? [...others, id] : others });
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

  #edit(message, text) {
    if (text !== message.message) this.#connection.change(message, { type: "edit", message: text });
  }
}
