/** One quiet line about the connection. It says nothing while all is well. */

import { element } from "lobby/lib/elements";

/** A connection that opens faster than this was never worth a word. */
const PATIENCE_MS = 600;
const GOOD_NEWS_MS = 3_000;

const SIGN_IN = 4401;
const CLOSED_WORDS = {
  4401: "closed_sign_in",
  4403: "closed_not_allowed",
  4404: "closed_no_such_place",
};

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
    this.#later(() => this.#say("connecting", strings.connecting), PATIENCE_MS);
  }

  /**
   * @param {import("lobby/net/reconnecting_socket").State} state
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
