/**
 * What a screen reader says of new messages: not one's own, which one knows; what mentions one first; each in its own
 * words while they come slowly, their number where many come at once.
 */

import { element } from "../lib/elements.js";
import { browser, Throttle } from "../lib/environment.js";
import { fill } from "../lib/strings.js";
import { wordsOf } from "./message_body.js";

/** What comes within this time is read out together. */
const PAUSE_MS = 3_000;
/** Then it is gone again from where one would meet it a second time. */
const SAID_MS = 10_000;
/** More than this at once are only counted. */
const EACH_MAX = 3;
const WORDS_MAX = 500;

export class ReadingAloud {
  #root;
  #strings;
  #me;
  /** @type {import("../state/messages.js").Message[]} */
  #waiting = [];
  #newest;
  #environment;
  #timer;
  /** @type {Throttle} */
  #saying;

  /**
   * @param {HTMLElement} root a live region
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("../state/me.js").Me} options.me
   * @param {number} options.newest the place of the last message that is there already
   * @param {{setTimeout: Function, clearTimeout: Function}} [options.environment]
   */
  constructor(root, { strings, me, newest, environment = browser }) {
    this.#root = root;
    this.#strings = strings;
    this.#me = me;
    this.#newest = newest;
    this.#environment = environment;
    this.#saying = new Throttle(() => this.#say(), PAUSE_MS, environment);
  }

  /** Take a `changes` frame. What a reset shows is there to be read, and what is only changed was read out before. */
  take({ messages, reset }) {
    const before = reset ? Infinity : this.#newest;
    const last = Math.max(0, ...messages.map(({ sequence }) => sequence));
    this.#newest = reset ? last : Math.max(this.#newest, last);
    const isNew = (message) => message.sequence > before && this.#me.isNews(message);
    this.#waiting.push(...messages.filter(isNew));
    if (this.#waiting.length) this.#saying.want();
  }

  /** @returns {boolean} whether there was anything to say */
  #say() {
    const messages = this.#waiting;
    this.#waiting = [];
    if (!messages.length) return false;
    const { setTimeout, clearTimeout } = this.#environment;
    this.#root.replaceChildren(...this.#lines(messages).map((line) => element("p", "", line)));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#root.replaceChildren(), SAID_MS);
    return true;
  }

  /** @returns {string[]} */
  #lines(messages) {
    const isMention = ({ mentions = [] }) => mentions.some(({ id }) => !id || id === this.#me.id);
    const mentions = messages.filter(isMention);
    const others = messages.filter((message) => !isMention(message));
    const { read_out, read_out_mention, news_below } = this.#strings;
    const lineOf = (words) => (message) =>
      fill(words, { name: message.author.name, text: wordsOf(message).slice(0, WORDS_MAX) });
    const first = mentions.slice(0, EACH_MAX).map(lineOf(read_out_mention));
    const rest = messages.length - first.length;
    if (messages.length <= EACH_MAX) return [...first, ...others.map(lineOf(read_out))];
    return [...first, ...(rest ? [fill(news_below, { count: rest })] : [])];
  }
}
