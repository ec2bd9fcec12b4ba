/**
 * What one has written and has not seen come back yet, in the order it was written: messages, and changes of
 * messages (`type` "edit", "delete" or "react"), which are shown on the message they change. Pure state.
 */

/** @typedef {import("lobby/state/timeline").Pending} Pending */

export class Pendings {
  /** @type {Map<string, Pending>} by client_id */
  #all = new Map();
  #onChange;

  /** @param {(pending: Pending) => void} onChange it is to be drawn again */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /**
   * @returns {Pending[]} what stands below the messages: those that wait, each with the text that its author has
   *   given it since, and every change that was refused
   */
  get all() {
    const edits = this.changesOf().filter(({ type }) => type === "edit");
    const texts = new Map(edits.map(({ target, message }) => [target, message]));
    return [...this.#all.values()]
      .filter((pending) => isPost(pending) || pending.state === "failed")
      .map((pending) => ({ ...pending, message: texts.get(pending.client_id) ?? pending.message }));
  }

  /** @returns {Pending[]} the messages */
  get posts() {
    return this.all.filter(isPost);
  }

  /** @returns {Pending[]} all changes of a message that are not refused; of any message without its client_id */
  changesOf(target) {
    const isOf = (p) => !isPost(p) && p.state !== "failed" && (!target || p.target === target);
    return [...this.#all.values()].filter(isOf);
  }

  /** @returns {Pending[]} all that is to be sent */
  get waiting() {
    return [...this.#all.values()].filter(({ state }) => state === "waiting");
  }

  get(clientId) {
    return this.#all.get(clientId);
  }

  /** Show what waits from now on: what was just written, or goes again. */
  add({ reason, ...entry }) {
    this.#all.set(entry.client_id, { ...entry, state: "waiting" });
    this.#onChange(entry);
  }

  /** It is stored. It stays in sight until the message itself arrives. */
  stored(clientId, sequence, revision) {
    this.change(clientId, { state: "sent", sequence, revision });
  }

  /** The server refused it, with a reason for people. */
  fail(clientId, reason) {
    this.change(clientId, { state: "failed", reason });
  }

  /** The server wants it later, for a reason for people; `goesAt` in milliseconds. */
  holdBack(clientId, reason, goesAt) {
    this.change(clientId, { state: "waiting", reason, goesAt });
  }

  /** It goes without having been sent from here. */
  forget(clientId) {
    const pending = this.#all.get(clientId);
    if (this.drop(clientId)) this.#onChange(pending);
  }

  /** The message itself is here, or was. @returns {boolean} whether it was awaited */
  drop(clientId) {
    return this.#all.delete(clientId);
  }

  /** A message has come in a newer state: changes that are in it are awaited no longer. */
  dropStored({ client_id, revision }) {
    for (const change of this.changesOf(client_id))
      if (change.state === "sent" && change.revision <= revision) this.drop(change.client_id);
  }

  change(clientId, values) {
    const pending = this.#all.get(clientId);
    if (!pending) return;
    const changed = { ...pending, ...values };
    this.#all.set(clientId, changed);
    this.#onChange(changed);
  }
}

export function isPost({ type = "post" }) {
  return type === "post";
}
