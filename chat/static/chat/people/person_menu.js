/** What can be done with a person: by everybody for themselves, and by those who keep order. */

import { element } from "../lib/elements.js";
import { ask, openMenu } from "../lib/popups.js";
import { fill } from "../lib/strings.js";
import { choicesOfPerson } from "../state/permissions.js";

const SHORT_MUTE_S = 600;
const REASON_MAX = 200;
const HARSH = new Set(["kick", "ban", "purge", "demote"]);

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
      { name: "reason", kind: "text", label: this.#strings.ban_reason, maxLength: REASON_MAX },
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
