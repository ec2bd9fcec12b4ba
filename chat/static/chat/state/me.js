/** Who reads this page, what they may do in its room, and whom they do not want to read. Pure state. */

import { moderates } from "./permissions.js";

/**
 * @typedef {import("./messages.js").Author} Author
 * @typedef {import("./messages.js").Message} Message
 * @typedef {{isOther: boolean, hasOtherRank: boolean, blocked: Set<string>}} Change
 *   `isOther`: it is somebody else now. `hasOtherRank`: they keep order now, or no longer. `blocked`: ids of those who are blocked or unblocked now
 */

export class Me {
  #you;
  /** @type {import("./permissions.js").Permissions} */
  #permissions = {};
  #blocked = new Set();
  #channel;
  #listeners = new Set();

  /**
   * @param {Author} you
   * @param {BroadcastChannel|null} [channel] the browser's other tabs: a new name is told to them and heard from them
   */
  constructor(you, channel = null) {
    this.#you = you;
    this.#channel = channel;
    channel?.addEventListener("message", ({ data }) => {
      if (data.id === this.id) this.you = data;
    });
  }

  /** @param {(change: Change) => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  get you() {
    return this.#you;
  }

  set you(you) {
    this.update(you, this.#permissions);
  }

  get id() {
    return this.#you.id;
  }

  get name() {
    return this.#you.name;
  }

  /** The server has stored another name. */
  rename(you) {
    this.you = you;
    this.#channel?.postMessage(you);
  }

  get permissions() {
    return this.#permissions;
  }

  set permissions(permissions) {
    this.update(this.#you, permissions);
  }

  /** The server's word for both. */
  update(you, permissions) {
    const isOther = you.id !== this.id;
    const hasOtherRank = moderates(permissions) !== moderates(this.#permissions);
    const before = this.#blocked;
    this.#you = you;
    this.#permissions = permissions;
    this.#blocked = new Set(permissions.blocked);
    const isChanged = (id) => before.has(id) !== this.isBlocked(id);
    const blocked = new Set([...before, ...this.#blocked].filter(isChanged));
    for (const listener of this.#listeners) listener({ isOther, hasOtherRank, blocked });
  }

  block(id, on) {
    const others = [...this.#blocked].filter((blocked) => blocked !== id);
    this.permissions = { ...this.#permissions, blocked: on ? [...others, id] : others };
  }

  isBlocked(id) {
    return this.#blocked.has(id);
  }

  /** It is of somebody else whom one wants to read. @param {Message} message */
  isNews({ author, deleted }) {
    return !deleted && author.id !== this.id && !this.isBlocked(author.id);
  }
}
