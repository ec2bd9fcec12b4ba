/** What a page has of its browser. Tests have stand-ins for `browser`. */

/** Under which `localStorage` has the id of who the last page was made for. */
const OWNER_KEY = "lobby:owner";

/** @type {import("../net/reconnecting_socket.js").Environment & {locks?: LockManager}} */
export const browser = {
  WebSocket: globalThis.WebSocket,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  now: Date.now,
  random: Math.random,
  window: globalThis.window,
  document: globalThis.document,
  locks: globalThis.navigator?.locks, // not over plain http
};

/** Where the sockets of this site are. @param {string} path */
export function socketUrl(path) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${path}`;
}

/** Speaks with this browser's other tabs; null where the browser does not let us. @returns {BroadcastChannel|null} */
export function openChannel(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}

const YEAR_S = 31_536_000;

/** Keep a choice by which the server draws the pages under a path. */
export function keepCookie(name, value, path = "/") {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere.
  document.cookie = `${name}=${value}; path=${path}; max-age=${YEAR_S}; samesite=lax`;
}

/** What is kept between visits; null where the browser does not let us. @returns {Storage|null} */
export function openStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** Put a text into the clipboard. @returns {Promise<boolean>} whether that was possible */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text); // Over plain http there is no `navigator.clipboard`.
  }
}

function copyTheOldWay(text) {
  const { activeElement } = document;
  const box = document.createElement("textarea");
  box.className = "visually-hidden";
  box.value = text;
  document.body.append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  activeElement?.focus();
  return isCopied;
}

/**
 * A random UUID (version 4). `crypto.randomUUID` exists on https and localhost only; on plain http in a local
 * network there is `getRandomValues`.
 */
export function newUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Keep the page as high as what the phone's keyboard leaves of the screen. Where the browser resizes
 * the page itself (`interactive-widget` in base.html) this changes nothing; Safari does not.
 * @param {HTMLElement} page
 */
export function fitAboveKeyboard(page) {
  const viewport = window.visualViewport;
  viewport?.addEventListener("resize", () => {
    const isZoomed = viewport.scale > 1;
    const isCovered = !isZoomed && viewport.height < window.innerHeight - 1;
    page.style.height = isCovered ? `${viewport.height}px` : "";
    if (isCovered) window.scrollTo(0, 0);
  });
}

/**
 * Note who this page was made for. When it comes back by the Back button, and a page was made for somebody else
 * since then, it is loaded anew: after a log-out it does not show what the account could read.
 * @param {Storage|null} storage
 * @param {string} id
 */
export function keepForOwner(storage, id) {
  const reloadForOther = () => {
    if (storage.getItem(OWNER_KEY) === id) return;
    document.documentElement.hidden = true;
    location.reload();
  };
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) reloadForOther();
  });
  const [navigation] = performance.getEntriesByType("navigation");
  try {
    if (navigation?.type === "back_forward") reloadForOther();
    storage.setItem(OWNER_KEY, id);
  } catch {
    // Nothing can be kept: the server empties the cache at a log-out.
  }
}

/** Do something at once, and then again only after a pause, however often it is wanted meanwhile. */
export class Throttle {
  #act;
  #ms;
  #environment;
  #timer;
  #isWanted = false;

  /**
   * @param {() => boolean|void} act false when nothing could be done: then there is no pause
   * @param {number} ms
   * @param {{setTimeout: Function}} environment
   */
  constructor(act, ms, environment) {
    this.#act = act;
    this.#ms = ms;
    this.#environment = environment;
  }

  want() {
    this.#isWanted = true;
    if (this.#timer === undefined) this.#go();
  }

  #go() {
    this.#timer = undefined;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    if (this.#act() === false) return;
    this.#timer = this.#environment.setTimeout(() => this.#go(), this.#ms);
  }
}
