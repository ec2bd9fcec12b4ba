/**
 * Which reactions are one's own. A message names the first people of each. Where it does not name all of them, the
 * server is asked, one question after another, and again when one comes back to the window: one may have reacted
 * elsewhere. A new connection alone asks nothing anew, since after a restart everybody has one.
 */

/** The server takes ten questions a second, of all kinds. */
const PACE_MS = 250;

export class OwnReactions {
  #me;
  #timeline;
  #connection;
  #environment;
  /** What was last known. @type {Map<string, boolean>} */
  #known = new Map();
  /** What was asked, or needed no question, since one came back to the window. */
  #fresh = new Set();
  /** Questions without an answer. @type {Map<string, {key: string, sequence: number, emoji: string, isSent: boolean}>} */
  #open = new Map();
  #timer;

  /**
   * @param {object} options
   * @param {import("../state/me.js").Me} options.me
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./connection.js").Connection} options.connection
   * @param {import("./reconnecting_socket.js").Environment} options.environment
   */
  constructor({ me, timeline, connection, environment }) {
    this.#me = me;
    this.#timeline = timeline;
    this.#connection = connection;
    this.#environment = environment;
    me.subscribe(({ isOther }) => {
      if (!isOther) return;
      this.#known.clear();
      this.#refresh();
    });
    connection.on("welcome", () => this.#askAgainIn(PACE_MS));
    connection.on("reactors", (page) => this.#answered(page));
    connection.on("error", (error) => this.#failed(error));
    environment.window.addEventListener("focus", () => this.#refresh());
  }

  /**
   * Whether a reaction is one's own, as far as that is known: the message is drawn again when an answer changes it.
   * @param {import("../state/messages.js").Message} message
   * @param {string} emoji
   * @returns {boolean}
   */
  has(message, emoji) {
    const reaction = message.reactions?.find((one) => one.emoji === emoji);
    const { count = 0, ids = [], isWaiting = false } = reaction ?? {};
    const key = keyOf(message, emoji);
    const isNamed = ids.includes(this.#me.id);
    if (isNamed || ids.length === count) this.#note(key, isNamed);
    else if (!isWaiting && !this.#fresh.has(key)) this.#ask(key, message, emoji);
    return this.#known.get(key) ?? false;
  }

  /** One has put an emoji under a message, or taken it away. An answer that comes now may be older than that. */
  changed(message, emoji, on) {
    this.#note(keyOf(message, emoji), on);
    this.#open.delete(questionOf({ ...message, emoji }));
  }

  #note(key, isOwn) {
    this.#known.set(key, isOwn);
    this.#fresh.add(key);
  }

  #refresh() {
    this.#fresh.clear();
    this.#open.clear();
    for (const sequence of this.#timeline.shown.all) {
      const message = this.#timeline.message(sequence);
      for (const { emoji } of message.reactions ?? []) this.has(message, emoji);
    }
  }

  #ask(key, { sequence }, emoji) {
    this.#fresh.add(key);
    this.#open.set(questionOf({ sequence, emoji }), { key, sequence, emoji, isSent: false });
    this.#goOnIn(PACE_MS);
  }

  #goOnIn(ms) {
    this.#timer ??= this.#environment.setTimeout(() => this.#next(), ms);
  }

  /** What cannot be sent now is asked when the socket is there again. */
  #next() {
    this.#timer = undefined;
    const question = [...this.#open.values()].find(({ isSent }) => !isSent);
    if (!question) return;
    const { sequence, emoji } = question;
    question.isSent = this.#connection.say({ type: "reactors", sequence, emoji });
    if (question.isSent) this.#goOnIn(PACE_MS);
  }

  #answered(page) {
    const name = questionOf(page);
    const question = this.#open.get(name);
    if (!question) return;
    this.#open.delete(name);
    const isNews = (this.#known.get(question.key) ?? false) !== page.own;
    this.#note(question.key, page.own);
    if (isNews) this.#timeline.redraw(page.sequence);
  }

  /** A question has to wait; or a write was refused, perhaps a reaction. */
  #failed({ client_id, retry_after }) {
    if (client_id && retry_after === undefined) return this.#refresh();
    if (!client_id && retry_after !== undefined) this.#askAgainIn(retry_after * 1000);
  }

  #askAgainIn(ms) {
    for (const question of this.#open.values()) question.isSent = false;
    this.#environment.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open.size) this.#goOnIn(ms);
  }
}

/** A sequence alone would name another message in the room's next epoch. */
function keyOf({ client_id }, emoji) {
  return `${client_id} ${emoji}`;
}

function questionOf({ sequence, emoji }) {
  return `${sequence} ${emoji}`;
}
