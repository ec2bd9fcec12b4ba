/** Who is typing, and telling others that one is. Both are hints: nothing is kept and nothing is made up for. */

import { element } from "lobby/lib/elements";
import { fillNodes } from "lobby/lib/strings";

/** A name that the server sent is good for this long. */
const GOOD_MS = 5_000;
/** Telling it more often than this changes nothing. */
const TELL_MS = 3_000;

/** Those who are typing, without oneself and without those one does not want to read. Pure state. */
export class WhoTypes {
  /** @type {Map<string, string>} names by id */
  #names = new Map();
  #environment;
  #onChange;
  #timer;
  /** @type {Set<string>} */
  #unheard = new Set();
  yourId = "";

  /**
   * @param {object} options
   * @param {{setTimeout: Function, clearTimeout: Function}} options.environment
   * @param {(names: string[]) => void} options.onChange
   */
  constructor({ environment, onChange }) {
    this.#environment = environment;
    this.#onChange = onChange;
  }

  /** @param {string[]} ids of those who are blocked */
  set blocked(ids) {
    this.#unheard = new Set(ids);
    this.#changed();
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
    const isHeard = ([id]) => id !== this.yourId && !this.#unheard.has(id);
    this.#onChange([...this.#names].filter(isHeard).map(([, name]) => name));
  }
}

/** Tells that one writes a message: at most every 3 s, and not of an act like `/help`. */
export class TypingTold {
  #now;
  #tell;
  #toldAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {object} options
   * @param {() => number} options.now milliseconds
   * @param {(on: boolean) => boolean} options.tell whether it could be told
   */
  constructor({ now, tell }) {
    this.#now = now;
    this.#tell = tell;
  }

  /** This stands now where one writes. */
  wrote(text) {
    if (!isMessage(text)) return this.stopped();
    if (this.#now() - this.#toldAt < TELL_MS) return;
    if (this.#tell(true)) this.#toldAt = this.#now();
  }

  /** Nothing is written any more, or it was saved: the others need not wait until the name is too old. */
  stopped() {
    if (this.#now() - this.#toldAt < GOOD_MS) this.#tell(false);
    this.said();
  }

  /** It is said: the next key is the beginning of another message. */
  said() {
    this.#toldAt = Number.NEGATIVE_INFINITY;
  }
}

/** `/word` is an act, `//word` says "/word". */
function isMessage(text) {
  const isAct = text.startsWith("/") && !text.startsWith("//");
  return text.trim() !== "" && !isAct;
}

/** "Bob is typing…", in a line that is there whether somebody types or not. */
export class TypingLine {
  #line;
  #strings;

  /**
   * @param {HTMLElement} line hidden from screen readers: it would interrupt what is said
   * @param {Record<string, string>} strings
   */
  constructor(line, strings) {
    this.#line = line;
    this.#strings = strings;
  }

  /** @param {string[]} names */
  show(names) {
    this.#line.classList.toggle("moving", names.length > 0);
    this.#line.replaceChildren(...this.#words(names));
  }

  #words(names) {
    const [name, other] = names.map((text) => element("bdi", "", text));
    if (names.length === 0) return [];
    if (names.length === 1) return fillNodes(this.#strings.typing_one, { name });
    if (names.length === 2) return fillNodes(this.#strings.typing_two, { name, other });
    return [this.#strings.typing_many];
  }
}
