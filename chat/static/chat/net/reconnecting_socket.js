/**
 * A WebSocket that comes back. It carries frames and knows nothing of what they mean, except that
 * `established()` is called when the other side has welcomed us.
 */

/** Close codes after which coming back by itself is no use (docs/PROTOCOL.md, "Close codes"). */
const FINAL_CODES = new Set([4401, 4403, 4404]);
const FLOODING = 4429;
const FLOODING_ATTEMPT = 4;

/** Between two attempts. */
export const SHORTEST_MS = 500;
export const LONGEST_MS = 15_000;

const CONNECT_MS = 15_000;
/** A socket that lived this long was a good one: the next backoff starts small again. */
const STABLE_MS = 5_000;
/** Without a frame for this long, ask whether the other side is still there. */
const SILENCE_MS = 60_000;
/** After a sleep or a change of network, a dead socket is to be noticed soon. */
const WAKE_MS = 5_000;

/**
 * @typedef {"connecting"|"open"|"offline"|"closed"} State `offline` is said again when `retryAt` has changed
 * @typedef {object} Environment the browser, or a test's stand-in for it
 * @property {typeof WebSocket} WebSocket
 * @property {(callback: () => void, ms: number) => number} setTimeout
 * @property {(timer: number) => void} clearTimeout
 * @property {() => number} now milliseconds
 * @property {() => number} random
 * @property {EventTarget} window
 * @property {Document} document
 */

export class ReconnectingSocket {
  #url;
  #protocol;
  /** @type {Environment} */
  #environment;
  #onFrame;
  #onLost;
  #onProbe;
  #onState;
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {State} */
  #state = "connecting";
  #establishedAt = /** @type {number|null} */ (null);
  #attempt = 0;
  #isFlooding = false;
  #retryTimer;
  #retryAt = /** @type {number|null} */ (null);
  #answerTimer;
  #answerDueAt = Number.POSITIVE_INFINITY;
  #silenceTimer;

  /**
   * @param {object} options
   * @param {(frame: object) => void} options.onFrame
   * @param {() => void} options.onLost nothing that was sent will be answered any more
   * @param {() => void} options.onProbe send something that gets an answer
   * @param {(state: State, code?: number) => void} options.onState
   */
  constructor({ url, protocol, environment, onFrame, onLost, onProbe, onState }) {
    this.#url = url;
    this.#protocol = protocol;
    this.#environment = environment;
    this.#onFrame = onFrame;
    this.#onLost = onLost;
    this.#onProbe = onProbe;
    this.#onState = onState;
  }

  get isEstablished() {
    return this.#establishedAt !== null;
  }

  start() {
    const { window, document } = this.#environment;
    window.addEventListener("online", () => this.#wake());
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.#wake(); // otherwise it is the page's first moment
    });
    window.addEventListener("offline", () => this.#lose());
    // A page with an open socket cannot be kept for the Back button.
    window.addEventListener("pagehide", () => this.#lose());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#wake();
    });
    this.#open();
  }

  /** When it tries again by itself, in milliseconds; null while it tries. */
  get retryAt() {
    return this.#retryAt;
  }

  /** Try again now, and not only then. */
  reconnect() {
    this.#wake();
  }

  send(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The other side has welcomed us. */
  established() {
    this.#establishedAt = this.#environment.now();
    this.#setState("open");
  }

  /** Something was sent that gets an answer: without any frame in this time the socket is dead. */
  expectFrame(ms) {
    const endsAt = this.#environment.now() + ms;
    if (!this.#socket || endsAt >= this.#answerDueAt) return;
    this.#environment.clearTimeout(this.#answerTimer);
    this.#answerDueAt = endsAt;
    this.#answerTimer = this.#environment.setTimeout(() => this.#lose(), ms);
  }

  #open() {
    this.#environment.clearTimeout(this.#retryTimer);
    this.#isFlooding = false;
    this.#retryAt = null;
    const socket = new this.#environment.WebSocket(this.#url, [this.#protocol]);
    this.#socket = socket;
    // An abandoned socket may still speak: it is not listened to.
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lose(code);
    });
    this.expectFrame(CONNECT_MS);
    if (this.#state === "offline") this.#onState("offline");
  }

  #receive(data) {
    this.#watchSilence();
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    this.#onFrame(frame);
  }

  /** A frame came: the socket works. Ask when none comes any more. */
  #watchSilence() {
    this.#clearTimers();
    this.#silenceTimer = this.#environment.setTimeout(
      () => this.#probe(SILENCE_MS / 4),
      SILENCE_MS,
    );
  }

  #probe(ms) {
    this.#onProbe();
    this.expectFrame(ms);
  }

  #clearTimers() {
    this.#environment.clearTimeout(this.#answerTimer);
    this.#environment.clearTimeout(this.#silenceTimer);
    this.#answerDueAt = Number.POSITIVE_INFINITY;
  }

  /** The socket is closed, or is given up. Without a code it is ours to close. */
  #lose(code) {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    this.#clearTimers();
    if (code === undefined) socket.close();
    const lived = this.isEstablished ? this.#environment.now() - this.#establishedAt : 0;
    if (lived >= STABLE_MS) this.#attempt = 0;
    this.#establishedAt = null;
    this.#onLost();
    if (FINAL_CODES.has(code)) this.#setState("closed", code);
    else this.#comeBackLater(code);
  }

  #comeBackLater(code) {
    this.#isFlooding = code === FLOODING;
    if (this.#isFlooding) this.#attempt = Math.max(this.#attempt, FLOODING_ATTEMPT);
    const { setTimeout, now, random } = this.#environment;
    const ms = backoffMs(this.#attempt++, random);
    this.#retryAt = now() + ms;
    this.#retryTimer = setTimeout(() => this.#open(), ms);
    this.#state = "offline";
    this.#onState("offline");
  }

  /** The network or the page is back: do not wait, and do not trust what looks open. */
  #wake() {
    if (this.#state === "closed" || this.#isFlooding) return;
    if (!this.#socket) this.#open();
    else if (this.isEstablished) this.#probe(WAKE_MS);
    else this.expectFrame(WAKE_MS);
  }

  #setState(state, code) {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState(state, code);
  }
}

/**
 * How long to wait before attempt n (from 0): doubled each time, between half and all of it, so that
 * a thousand browsers do not come back in the same instant. Never under 0.5 s, never over 15 s.
 * @param {number} attempt
 * @param {() => number} random from 0 to 1
 */
export function backoffMs(attempt, random = Math.random) {
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (attempt + 1));
  return ceiling * (0.5 + random() / 2);
}
