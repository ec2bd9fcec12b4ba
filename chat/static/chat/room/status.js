/** What the page says around the composer: of its connection, of why that is closed for good, and of one's acts. */

import { button, element } from "../lib/elements.js";
import { rankOf } from "../state/permissions.js";

/** A connection that opens within this time is not mentioned. */
const QUIET_MS = 600;
const GOOD_NEWS_MS = 3_000;

const SIGN_IN = 4401;
const NOT_ALLOWED = 4403;
const CLOSED_WORDS = {
  4401: "closed_sign_in",
  4403: "closed_not_allowed",
  4404: "closed_no_such_place",
};

/** One quiet line. It says nothing while all is well. */
export class StatusLine {
  #line;
  #strings;
  #timer;
  #wasOffline = false;

  /**
   * @param {HTMLElement} line
   * @param {Record<string, string>} strings
   */
  constructor(line, strings) {
    this.#line = line;
    this.#strings = strings;
    this.#later(() => this.#say("connecting", strings.connecting), QUIET_MS);
  }

  /**
   * @param {import("../net/reconnecting_socket.js").State} state
   * @param {number} [code] why it is closed
   */
  show(state, code) {
    clearTimeout(this.#timer);
    if (state === "offline") this.#say("offline", this.#strings.offline);
    if (state === "closed") this.#say("closed", this.#strings[CLOSED_WORDS[code]]);
    if (code === SIGN_IN) this.#showWaysBack();
    if (state === "open") this.#open();
    this.#wasOffline = state === "offline";
  }

  #open() {
    if (!this.#wasOffline) return this.#say("", "");
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
    this.#line.dataset.state = state;
    this.#line.textContent = words;
  }

  #later(action, ms) {
    this.#timer = setTimeout(action, ms);
  }
}

/**
 * One may not be in the room any more: say what happened, as far as it is known, and where to go.
 * @param {HTMLElement} root
 * @param {Record<string, string>} strings
 * @param {{code: number, room: import("../state/timeline.js").Room, me: import("../state/me.js").Me}} closed
 *   `code`: why the socket was closed
 */
export function showSentAway(root, strings, { code, room, me }) {
  if (code !== NOT_ALLOWED) return;
  const isShut = (room.private || room.password) && rankOf(me.permissions) === 0;
  root.querySelector(".words").textContent = isShut ? strings.sent_away_private : strings.sent_away;
  root.hidden = false;
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
