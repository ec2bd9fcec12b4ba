/**
 * What one has written and has not seen come back yet, in the order it was written: messages, and changes of
 * messages (`type` "edit", "delete" or "react"), which are shown on the message they change. Pure state.
 */

/**
 * @typedef {import("./messages.js").Message} Message
 * @typedef {"waiting"|"sent"|"failed"} PendingState
 * @typedef {import("../net/outbox.js").Entry & {state: PendingState, goesAt?: number, isTried?: boolean}} Pending
 *   `isTried`: it may be stored
 */

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

  /** It is on its way: it may be stored, even if no answer comes. */
  tried(clientId) {
    if (isPost(this.get(clientId) ?? { type: "none" })) this.change(clientId, { isTried: true });
  }

  /** The server refused it, with a reason for people. */
  fail(clientId, reason) {
    this.change(clientId, { state: "failed", reason, isTried: false });
  }

  /** The server wants it later, for a reason for people; `goesAt` in milliseconds. */
  delay(clientId, reason, goesAt) {
    this.change(clientId, { state: "waiting", reason, goesAt, isTried: false });
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

  /** The room is held anew, up to a revision: what is stored by then is in it. */
  dropSent(upTo) {
    for (const { client_id, state, revision } of this.#all.values())
      if (state === "sent" && !(revision > upTo)) this.drop(client_id);
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

const OUTCOMES = { edit: edited, delete: deleted, react: reacted };

/**
 * A message as it will be when what one has asked for is stored: until then it is shown so.
 * @param {Message} message
 * @param {import("./pendings.js").Pending[]} changes in the order in which they were made
 * @param {{id: string, name: string}} you
 * @returns {Message} `isWaiting`: its text is not stored yet; `html` is null where only the text is known
 */
export function asItWillBe(message, changes, you) {
  return changes.reduce((before, change) => {
    return before.deleted ? before : OUTCOMES[change.type](before, change, you);
  }, message);
}

function edited(message, { message: text }) {
  const html = text === message.message ? message.html : null;
  return { ...message, message: text, html, isWaiting: true };
}

function deleted(message) {
  const nothing = { message: "", html: "", reactions: [], files: undefined };
  return { ...message, ...nothing, deleted: true, isWaiting: true };
}

function reacted(message, { emoji, on }, you) {
  const before = message.reactions ?? [];
  const nobody = { emoji, count: 0, names: [], ids: [] };
  const reaction = before.find((one) => one.emoji === emoji) ?? nobody;
  const after = { ...(on ? withYou(reaction, you) : withoutYou(reaction, you)), isWaiting: true };
  const others = before.map((one) => (one === reaction ? after : one));
  const reactions = before.includes(reaction) ? others : [...others, after];
  return { ...message, reactions: reactions.filter(({ count }) => count > 0) };
}

function withYou({ emoji, count, names, ids = [] }, { id, name }) {
  if (ids.includes(id)) return { emoji, count, names, ids };
  return { emoji, count: count + 1, names: [...names, name], ids: [...ids, id] };
}

/** One may be among those who are only counted. */
function withoutYou({ emoji, count, names, ids = [] }, { id }) {
  const place = ids.indexOf(id);
  const isCounted = place >= 0 || count > ids.length;
  const isOther = (_, index) => index !== place;
  return {
    emoji,
    count: isCounted ? count - 1 : count,
    names: names.filter(isOther),
    ids: ids.filter(isOther),
  };
}
