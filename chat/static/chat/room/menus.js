/** The menus of messages and of people: what can be done with them, and what is asked before it is done. */

import { element } from "../lib/elements.js";
import { copyText } from "../lib/environment.js";
import { ask, openMenu } from "../lib/popups.js";
import { apart, fill } from "../lib/strings.js";
import { linkTo } from "../log/message_links.js";
import { choicesOfMessage, choicesOfPerson } from "../state/permissions.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const RECENT_MAX = 7;
const REPORT_REASON_MAX = 500;
const OF_A_PERSON = new Set(["block", "unblock"]);
const SHORT_MUTE_S = 600;
const BAN_REASON_MAX = 200;
const HARSH = new Set(["kick", "ban", "purge", "demote"]);

export class Menus {
  #parts;
  #strings;
  #composing;
  #perform;
  #react;

  /**
   * @param {import("../pages/room.js").Parts} parts
   * @param {import("../composer/composing.js").Composing} composing
   * @param {object} acts
   * @param {(command: object, done?: string) => Promise<boolean>} acts.perform
   * @param {(message: object, emoji: string, on: boolean) => void} acts.react
   */
  constructor(parts, composing, { perform, react }) {
    this.#parts = parts;
    this.#strings = parts.strings;
    this.#composing = composing;
    this.#perform = perform;
    this.#react = react;
  }

  /**
   * @param {number} sequence the place of a message
   * @param {HTMLElement} anchor
   */
  openMessage(sequence, anchor) {
    const message = this.#parts.timeline.message(sequence);
    const choices = choicesOfMessage(message, this.#situation);
    const items = choices
      .filter((choice) => choice !== "react")
      .map((choice) => this.#itemOfMessage(choice, message, anchor));
    const emoji = choices.includes("react") ? this.#emojiRows(message, anchor) : [];
    if (!items.length) return;
    const title = element("bdi", "", message.author.name);
    openMenu(anchor, { title, groups: [...emoji, items] });
  }

  /**
   * @param {{id: string|null, name: string}} person
   * @param {HTMLElement} anchor
   */
  openPerson({ id, name }, anchor) {
    const person = { id, name, role: this.#roleOf(id) };
    const choices = choicesOfPerson(person, this.#situation);
    const items = choices.map((choice) => this.#itemOfPerson(choice, person));
    if (!items.length) return;
    openMenu(anchor, { title: element("bdi", "", name), groups: [items] });
  }

  /** @returns {import("../state/permissions.js").Situation} */
  get #situation() {
    const { me, timeline } = this.#parts;
    const { you, permissions } = me;
    return { you, permissions, room: timeline.room, now: Date.now() };
  }

  /** @returns {string|undefined} undefined when that is not known: of who is not here */
  #roleOf(id) {
    const person = this.#parts.roster.find(id);
    return person && (person.role ?? "visitor");
  }

  /** A few that everybody uses and the way to all, then those that one has used last. */
  #emojiRows(message, anchor) {
    const react = (emoji) => this.#react(message, emoji, true);
    const itemOf = (emoji) => ({
      symbol: emoji,
      label: `${this.#strings.react}: ${emoji}`,
      run: () => react(emoji),
    });
    const all = { symbol: "+", label: this.#strings.react_other };
    const recent = this.#parts.emoji.recent.filter((emoji) => !EMOJI.includes(emoji));
    return [
      [...EMOJI.map(itemOf), { ...all, run: () => this.#parts.emoji.open(anchor, react) }],
      recent.slice(0, RECENT_MAX).map(itemOf),
    ];
  }

  #itemOfMessage(choice, message, anchor) {
    const { author, sequence } = message;
    if (OF_A_PERSON.has(choice)) return this.#itemOfPerson(choice, author);
    const actions = {
      reply: () => this.#composing.reply(message),
      quote: () => this.#composing.quote(message),
      copy: () => this.#copy(message.message),
      link: () => this.#copy(linkTo(this.#parts.room, sequence)),
      edit: () => this.#composing.edit(message),
      delete: () => this.#delete(message),
      report: () => this.#report(message),
      pin: () => this.#moderate("pin", { sequence }),
      unpin: () => this.unpin(sequence),
      person: () => this.openPerson(author, anchor),
    };
    const label = this.#strings[`message_${choice}`];
    return { label, run: actions[choice], isDanger: choice === "delete" };
  }

  async #copy(text) {
    const isCopied = await copyText(text);
    if (isCopied) this.#parts.notices.say(this.#strings.copied);
    else this.#parts.notices.refuse(this.#strings.not_copied);
  }

  /** Everybody loses the pin. @param {number} sequence */
  async unpin(sequence) {
    if (await this.#ask("unpin", { isDanger: false })) this.#moderate("unpin", { sequence });
  }

  async #delete(message) {
    if (await this.#ask("delete")) this.#parts.connection.change(message, { type: "delete" });
  }

  async #report({ sequence }) {
    const { report_reason: label, reported } = this.#strings;
    const fields = [{ name: "reason", kind: "text", label, maxLength: REPORT_REASON_MAX }];
    const answer = await this.#ask("report", { fields, isDanger: false });
    if (answer) this.#perform({ type: "report", sequence, ...answer }, reported);
  }

  /** Ask for what the page's strings tell: `…_title`, perhaps with a name, `…_words`, and `…_do` on the button. */
  #ask(what, { name = "", fields, isDanger = true } = {}) {
    const strings = this.#strings;
    return ask({
      title: fill(strings[`${what}_title`], { name: apart(name) }),
      words: strings[`${what}_words`],
      fields,
      action: strings[`${what}_do`],
      cancel: strings.cancel,
      isDanger,
    });
  }

  /** @returns {import("../lib/popups.js").Item} */
  #itemOfPerson(choice, person) {
    return {
      label: this.#strings[`person_${choice}`],
      run: () => this.#do(choice, person),
      isDanger: HARSH.has(choice),
    };
  }

  #do(choice, person) {
    const { id } = person;
    switch (choice) {
      case "block":
      case "unblock":
        return this.#block(id, choice === "block");
      case "mute_shortly":
        return this.#moderate("mute", { id, seconds: SHORT_MUTE_S });
      case "ban":
        return this.#ban(person);
      case "purge":
        return this.#purge(person);
      default:
        return this.#moderate(choice, { id });
    }
  }

  #moderate(act, details) {
    return this.#perform({ type: "moderate", act, ...details });
  }

  async #block(id, on) {
    if (await this.#perform({ type: "block", id, on })) this.#parts.me.block(id, on);
  }

  async #ban({ id, name }) {
    const answer = await this.#ask("ban", { name, fields: this.#banFields() });
    const seconds = Number(answer?.seconds) || undefined;
    if (answer) await this.#moderate("ban", { id, ...answer, seconds });
  }

  /** @returns {import("../lib/popups.js").Field[]} */
  #banFields() {
    const { ban_for, ban_hour, ban_day, ban_week, ban_for_good } = this.#strings;
    const { ban_address, ban_address_hint: hint, ban_reason } = this.#strings;
    const options = [
      ["3600", ban_hour],
      ["86400", ban_day],
      ["604800", ban_week],
      ["", ban_for_good],
    ];
    return [
      { name: "seconds", kind: "choice", label: ban_for, options },
      { name: "address", kind: "check", label: ban_address, hint },
      { name: "reason", kind: "text", label: ban_reason, maxLength: BAN_REASON_MAX },
    ];
  }

  async #purge({ id, name }) {
    if (await this.#ask("purge", { name })) await this.#moderate("purge", { id });
  }
}
