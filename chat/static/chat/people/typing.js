/** Who is typing, and the notice that one is. Both are hints: nothing is kept and nothing is sent again. */

import { element } from "../lib/elements.js";
import { browser } from "../lib/environment.js";
import { fillNodes } from "../lib/strings.js";

/** A name that the server sent is good for this long. */
const GOOD_MS = 5_000;
/** Sending it more often than this changes nothing. */
const SEND_MS = 3_000;

/** Those who are typing, without oneself and without those one does not want to read. Pure state. */
export class TypingPeople {
  /** @type {Map<string, string>} names by id */
  #names = new Map();
  #environment;
  #onChange;
  #timer;
  #me;

  /**
   * @param {object} options
   * @param {import("../state/me.js").Me} options.me
   * @param {{setTimeout: Function, clearTimeout: Function}} options.environment
   * @param {(names: string[]) => void} options.onChange
   */
  constructor({ me, environment, onChange }) {
    this.#me = me;
    this.#environment = environment;
    this.#onChange = onChange;
    me.subscribe(() => this.#changed());
  }

  /** Take a `typing` frame: everybody who types now. */
  take({ names, ids }) {
    this.#names = new Map(ids.map((id, index) => [id, names[index]]));
    this.#environment.clearTimeout(this.#timer);
    if (ids.length) this.#timer = this.#environment.setTimeout(() => this.clear(), GOOD_MS);
    this.#changed();
  }

  /** Their message is here. */
  said(id) {
    if (this.#names.delete(id)) this.#changed();
  }

  clear() {
    this.#names.clear();
    this.#changed();
  }

  #changed() {
    const isHeard = ([id]) => id !== this.#me.id && !this.#me.isBlocked(id);
    this.#onChange([...this.#names].filter(isHeard).map(([, name]) => name));
  }
}

/** Says that one writes a message: at most every 3 s, and not of an act like `/help`. */
export class TypingNotice {
  #now;
  #send;
  #sentAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {object} options
   * @param {() => number} options.now milliseconds
   * @param {(on: boolean) => boolean} options.send whether it could be sent
   */
  constructor({ now, send }) {
    this.#now = now;
    this.#send = send;
  }

  /** This stands now where one writes. */
  wrote(text) {
    if (!isMessage(text)) return this.stopped();
    if (this.#now() - this.#sentAt < SEND_MS) return;
    if (this.#send(true)) this.#sentAt = this.#now();
  }

  /** Nothing is written any more, or it was saved: the others need not wait until the name is too old. */
  stopped() {
    if (this.#now() - this.#sentAt < GOOD_MS) this.#send(false);
    this.said();
  }

  /** It is said: the next key is the beginning of another message. */
  said() {
    this.#sentAt = Number.NEGATIVE_INFINITY;
  }
}

/** `/word` is an act, `//word` says "/word". */
function isMessage(text) {
  const isAct = text.startsWith("/") && !text.startsWith("//");
  return text.trim() !== "" && !isAct;
}

/** @param {string[]} names @returns {(Node|string)[]} "Bob is typing…" */
function wordsOf(names, strings) {
  const [name, other] = names.map((text) => element("bdi", "", text));
  if (names.length === 0) return [];
  if (names.length === 1) return fillNodes(strings.typing_one, { name });
  if (names.length === 2) return fillNodes(strings.typing_two, { name, other });
  return [strings.typing_many];
}

/**
 * Join typing, here and elsewhere, with the page and the connection.
 * @param {HTMLElement} page
 * @param {import("../pages/room.js").Parts} parts
 */
export function joinTyping(page, { connection, timeline, me, strings }) {
  // There whether somebody types or not, and hidden from screen readers: it would interrupt what is said.
  const line = page.querySelector("#typing");
  const others = new TypingPeople({
    me,
    environment: browser,
    onChange: (names) => line.replaceChildren(...wordsOf(names, strings)),
  });
  const own = new TypingNotice({
    now: Date.now,
    send: (on) => connection.say(on ? { type: "typing" } : { type: "typing", on }),
  });
  const input = page.querySelector("#chat-message-input");
  let lastSaid = 0;
  input.addEventListener("input", () => own.wrote(input.value));
  connection.on("typing", (typing) => others.take(typing));
  timeline.subscribe(({ sequences = [], pending = [] }) => {
    for (const sequence of sequences)
      if (sequence > lastSaid) others.said(timeline.message(sequence).author.id);
    lastSaid = timeline.newest;
    for (const { state, type } of pending.map((id) => timeline.pendings.get(id) ?? {})) {
      if (state !== "waiting") continue;
      if (type === "edit") own.stopped();
      else if (type === undefined) own.said();
    }
  });
}
