/** One person in the list of those who are here. */

import { drawAvatar } from "lobby/lib/avatar";
import { element } from "lobby/lib/elements";

/** Roles that are worth a word. */
const ROLES = { owner: "role_owner", moderator: "role_moderator" };

export class PersonEntry {
  element = document.createElement("li");
  isYou;
  #strings;
  #person;
  #avatar = element("span", "avatar");
  #name = element("bdi", "name");
  #verified = element("span", "verified");
  #role = element("span", "role");

  /**
   * @param {object} options
   * @param {boolean} options.isYou
   * @param {Record<string, string>} options.strings
   * @param {(person: import("lobby/state/roster").Person, button: HTMLButtonElement) => void} options.onPress
   */
  constructor({ isYou, strings, onPress }) {
    this.isYou = isYou;
    this.#strings = strings;
    const row = element(isYou ? "div" : "button", "person");
    this.#avatar.setAttribute("aria-hidden", "true");
    this.#verified.title = strings.verified;
    this.#verified.append(element("span", "visually-hidden", strings.verified));
    row.append(this.#avatar, this.#name, this.#verified);
    if (isYou) row.append(element("span", "you", strings.you));
    row.append(this.#role);
    if (!isYou) {
      row.type = "button";
      row.setAttribute("aria-haspopup", "menu");
      row.setAttribute("aria-expanded", "false");
      row.addEventListener("click", () => onPress(this.#person, row));
    }
    this.element.append(row);
  }

  /** @param {import("lobby/state/roster").Person} person */
  show(person) {
    const role = ROLES[person.role];
    this.#person = person;
    drawAvatar(this.#avatar, person);
    this.#name.textContent = this.#name.title = person.name;
    this.#verified.hidden = !person.verified;
    this.#role.hidden = !role;
    this.#role.textContent = role ? this.#strings[role] : "";
  }
}
