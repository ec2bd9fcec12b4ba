/** What the page says around the composer: of its connection, of why that is closed for good, and of one's acts. */

import { button, element } from "../lib/elements.js";
import { fill, showOwnTimes } from "../lib/strings.js";
import { rankOf } from "../state/permissions.js";

/** A connection that opens within this time is not mentioned. */
const QUIET_MS = 600;
const GOOD_NEWS_MS = 3_000;

const ANSWER_MS = 3_000;

const SIGN_IN = 4401;
const NOT_ALLOWED = 4403;
const FORBIDDEN = 403;
const CLOSED_WORDS = {
  4401: "closed_sign_in",
  4403: "closed_not_allowed",
  4404: "closed_no_such_place",
};

/** One quiet line. It says nothing while all is well. */
export class StatusLine {
  #line;
  #strings;
  #environment;
  #onReconnect;
  #onFocusLost;
  #timer;
  #countdown = element("span", "retry");

  /**
   * @param {HTMLElement} line
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("../net/reconnecting_socket.js").Environment} options.environment
   * @param {() => void} options.onReconnect
   * @param {() => void} options.onFocusLost a control that had the focus is gone
   */
  constructor(line, { strings, environment, onReconnect, onFocusLost }) {
    this.#line = line;
    this.#strings = strings;
    this.#environment = environment;
    this.#onReconnect = onReconnect;
    this.#onFocusLost = onFocusLost;
    this.#countdown.ariaHidden = "true";
    this.#later(() => this.#say("connecting", strings.connecting), QUIET_MS);
  }

  /**
   * @param {import("../net/reconnecting_socket.js").State} state
   * @param {number} [code] why it is closed
   * @param {number|null} [retryAt] when the next attempt is made; null while one is made
   */
  show(state, code, retryAt) {
    clearTimeout(this.#timer);
    if (state === "offline") this.#showAway(retryAt);
    if (state === "closed") this.#say("closed", this.#strings[CLOSED_WORDS[code]]);
    if (code === SIGN_IN) this.#showWaysBack();
    if (state === "open") this.#open();
  }

  /** Without a network it is no use to try; a site that does not answer may be tried at once. */
  #showAway(retryAt) {
    const { offline, site_away, reconnect } = this.#strings;
    const words = navigator.onLine ? site_away : offline;
    if (this.#line.firstChild?.data !== words) {
      this.#say("offline", words);
      if (navigator.onLine) {
        this.#line.append(button("quiet", reconnect, this.#onReconnect), this.#countdown);
      }
    }
    this.#countDown(retryAt);
  }

  #countDown(retryAt) {
    const left = retryAt === null ? 0 : retryAt - this.#environment.now();
    const count = Math.ceil(left / 1000);
    this.#countdown.textContent =
      count > 0 ? fill(this.#strings.retry_in, { count }) : this.#strings.connecting;
    if (count > 0) this.#later(() => this.#countDown(retryAt), left - (count - 1) * 1000);
  }

  #open() {
    if (this.#line.dataset.state !== "offline") return this.#say("", "");
    this.#say("back", this.#strings.back);
    this.#later(() => this.#say("", ""), GOOD_NEWS_MS);
  }

  /** Log in and come back to this page, or load it again as whoever one is now. */
  #showWaysBack() {
    const logIn = element("a", "", this.#strings.log_in);
    logIn.href = this.#line.dataset.logIn;
    const goOn = element("a", "", this.#strings.go_on_as_guest);
    goOn.href = location.pathname;
    this.#line.append(logIn, goOn);
  }

  #say(state, words) {
    const hadFocus = this.#line.contains(document.activeElement);
    this.#line.dataset.state = state;
    this.#line.textContent = words;
    if (hadFocus) this.#onFocusLost();
  }

  #later(action, ms) {
    this.#timer = setTimeout(action, ms);
  }
}

/**
 * One may not be in the room any more: say what the room's page says now, and where to go.
 * @param {HTMLElement} root
 * @param {Record<string, string>} strings
 * @param {{code: number, room: import("../state/timeline.js").Room, me: import("../state/me.js").Me}} closed
 *   `code`: why the socket was closed
 */
export async function showSentAway(root, strings, { code, room, me }) {
  if (code !== NOT_ALLOWED) return;
  const isShut = (room.private || room.password) && rankOf(me.permissions) === 0;
  const reason = isShut ? [strings.sent_away_private] : await readReason(root.dataset.page);
  root.querySelector(".words").replaceChildren(...(reason ?? [strings.sent_away]));
  root.hidden = false;
}

/** @returns {Promise<Node[]|null>} null where the page tells no reason */
async function readReason(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.status !== FORBIDDEN) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    showOwnTimes(page);
    const title = element("strong", "", page.querySelector("h1").textContent);
    return [title, document.createElement("br"), ...page.querySelector("h1 + p").childNodes];
  } catch {
    return null;
  }
}

/** A line above the composer that only you see: what an act did, or why it was not done. It goes with a press, with
 * the next one, and when you say something. */
export class Notices {
  #root;
  #strings;
  #onDismiss;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {() => void} options.onDismiss
   */
  constructor(root, { strings, onDismiss }) {
    this.#root = root;
    this.#strings = strings;
    this.#onDismiss = onDismiss;
  }

  say(words) {
    this.#show("aside", words);
  }

  refuse(words) {
    this.#show("aside refusal", words);
  }

  clear() {
    this.#root.replaceChildren();
  }

  #show(className, words) {
    const notice = element("div", className);
    const text = element("p", "aside-words", words);
    text.dir = "auto";
    const dismiss = button("quiet", "×", () => {
      notice.remove();
      this.#onDismiss();
    });
    dismiss.setAttribute("aria-label", this.#strings.dismiss);
    dismiss.title = this.#strings.dismiss;
    notice.append(element("span", "visually-hidden", this.#strings.only_you), text, dismiss);
    this.#root.replaceChildren(notice);
    if (text.scrollHeight > text.clientHeight) text.tabIndex = 0; // It is scrolled with the keyboard, too.
  }
}
