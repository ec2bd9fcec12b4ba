/** The menus of messages and of people: what can be done with them, and what is asked before it is done. */

import { element } from "../lib/elements.js";
import { copyText } from "../lib/environment.js";
import { ask, openMenu } from "../lib/popups.js";
import { fill } from "../lib/strings.js";
import { choicesOfMessage, choicesOfPerson } from "../state/permissions.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const EMOJI_MAX = 32;
const REPORT_REASON_MAX = 500;
const OF_A_PERSON = new Set(["block", "unblock"]);
const SHORT_MUTE_S = 600;
const BAN_REASON_MAX = 200;
const HARSH = new Set(["kick", "ban", "purge", "demote"]);

export class MessageMenu {
  #strings;
  #situation;
  #perform;
  #people;
  #composing;
  #roleOf;
  #react;
  #remove;
  #notices;

  /**
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {() => import("../state/permissions.js").Situation} options.situation
   * @param {(command: object, done?: string) => Promise<boolean>} options.perform
   * @param {PersonMenu} options.people
   * @param {import("../composer/composing.js").Composing} options.composing
   * @param {import("../room/status.js").Notices} options.notices
   * @param {(id: string) => string|undefined} options.roleOf
   * @param {(message: object, emoji: string, on: boolean) => void} options.react
   * @param {(message: object) => void} options.remove
   */
  constructor({ strings, situation, perform, people, composing, notices, roleOf, react, remove }) {
    this.#strings = strings;
    this.#situation = situation;
    this.#perform = perform;
    this.#people = people;
    this.#composing = composing;
    this.#notices = notices;
    this.#roleOf = roleOf;
    this.#react = react;
    this.#remove = remove;
  }

  /**
   * @param {import("../state/messages.js").Message} message
   * @param {HTMLElement} anchor
   */
  open(message, anchor) {
    const choices = choicesOfMessage(message, this.#situation());
    const items = choices
      .filter((choice) => choice !== "react")
      .map((choice) => this.#item(choice, message, anchor));
    const emoji = choices.includes("react") ? this.#emojiItems(message) : [];
    if (!items.length) return;
    const title = element("bdi", "", message.author.name);
    openMenu(anchor, { title, groups: [emoji, items] });
  }

  #emojiItems(message) {
    const items = EMOJI.map((emoji) => ({
      symbol: emoji,
      label: `${this.#strings.react}: ${emoji}`,
      run: () => this.#react(message, emoji, true),
    }));
    const other = { symbol: "+", label: this.#strings.react_other };
    return [...items, { ...other, run: () => this.#reactWithAny(message) }];
  }

  #item(choice, message, anchor) {
    const person = { ...message.author, role: this.#roleOf(message.author.id) };
    if (OF_A_PERSON.has(choice)) return this.#people.item(choice, person);
    const actions = {
      reply: () => this.#composing.reply(message),
      copy: () => this.#copy(message),
      edit: () => this.#composing.edit(message),
      delete: () => this.#delete(message),
      report: () => this.#report(message),
      pin: () => this.#moderate("pin", message),
      unpin: () => this.#moderate("unpin", message),
      person: () => this.#people.open(person, anchor),
    };
    const label = this.#strings[`message_${choice}`];
    return { label, run: actions[choice], isDanger: choice === "delete" };
  }

  #moderate(act, { sequence }) {
    this.#perform({ type: "moderate", act, sequence });
  }

  async #reactWithAny(message) {
    const answer = await ask({
      title: this.#strings.react_other,
      fields: [
        {
          name: "emoji",
          kind: "text",
          label: this.#strings.react_label,
          maxLength: EMOJI_MAX,
          isRequired: true,
        },
      ],
      action: this.#strings.react,
      cancel: this.#strings.cancel,
    });
    if (answer?.emoji) this.#react(message, answer.emoji, true);
  }

  async #copy({ message }) {
    const isCopied = await copyText(message);
    if (isCopied) this.#notices.say(this.#strings.copied);
    else this.#notices.refuse(this.#strings.not_copied);
  }

  async #delete(message) {
    const { delete_title, delete_words, delete_do, cancel } = this.#strings;
    const isSure = await ask({
      title: delete_title,
      words: delete_words,
      action: delete_do,
      cancel,
      isDanger: true,
    });
    if (isSure) this.#remove(message);
  }

  async #report({ sequence }) {
    const { report_title, report_words, report_do, report_reason, reported, cancel } =
      this.#strings;
    const answer = await ask({
      title: report_title,
      words: report_words,
      fields: [
        { name: "reason", kind: "text", label: report_reason, maxLength: REPORT_REASON_MAX },
      ],
      action: report_do,
      cancel,
    });
    if (answer) this.#perform({ type: "report", sequence, reason: answer.reason }, reported);
  }
}

export class PersonMenu {
  #strings;
  #perform;
  #situation;
  #onBlock;

  /**
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {() => import("../state/permissions.js").Situation} options.situation
   * @param {(command: object) => Promise<boolean>} options.perform
   * @param {(id: string, on: boolean) => void} options.onBlock
   */
  constructor({ strings, situation, perform, onBlock }) {
    this.#strings = strings;
    this.#situation = situation;
    this.#perform = perform;
    this.#onBlock = onBlock;
  }

  /**
   * @param {import("../state/permissions.js").Person} person
   * @param {HTMLElement} anchor
   */
  open(person, anchor) {
    const choices = choicesOfPerson(person, this.#situation());
    const items = choices.map((choice) => this.item(choice, person));
    if (!items.length) return;
    openMenu(anchor, { title: element("bdi", "", person.name), groups: [items] });
  }

  /** @returns {import("../lib/popups.js").Item} */
  item(choice, person) {
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
    if (await this.#perform({ type: "block", id, on })) this.#onBlock(id, on);
  }

  async #ban({ id, name }) {
    const answer = await ask({
      title: fill(this.#strings.ban_title, { name: apart(name) }),
      words: this.#strings.ban_words,
      fields: this.#banFields(),
      action: this.#strings.person_ban_do,
      isDanger: true,
      cancel: this.#strings.cancel,
    });
    if (!answer) return;
    const seconds = Number(answer.seconds) || undefined;
    await this.#moderate("ban", { id, seconds, address: answer.address, reason: answer.reason });
  }

  /** @returns {import("../lib/popups.js").Field[]} */
  #banFields() {
    const { ban_for, ban_hour, ban_day, ban_week, ban_for_good } = this.#strings;
    const options = [
      ["3600", ban_hour],
      ["86400", ban_day],
      ["604800", ban_week],
      ["", ban_for_good],
    ];
    return [
      { name: "seconds", kind: "choice", label: ban_for, options },
      {
        name: "address",
        kind: "check",
        label: this.#strings.ban_address,
        hint: this.#strings.ban_address_hint,
      },
      { name: "reason", kind: "text", label: this.#strings.ban_reason, maxLength: BAN_REASON_MAX },
    ];
  }

  async #purge({ id, name }) {
    const answer = await ask({
      title: fill(this.#strings.purge_title, { name: apart(name) }),
      words: this.#strings.purge_words,
      action: this.#strings.purge_do,
      isDanger: true,
      cancel: this.#strings.cancel,
    });
    if (answer) await this.#moderate("purge", { id });
  }
}

/** A name in a text, so that its direction stays its own. */
function apart(name) {
  return `\u2068${name}\u2069`;
}
