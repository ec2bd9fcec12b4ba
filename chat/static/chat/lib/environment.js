/** What a page has of its browser; tests have stand-ins for it. */

/** @type {import("lobby/net/reconnecting_socket").Environment} */
export const browser = {
  WebSocket: globalThis.WebSocket,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  now: Date.now,
  random: Math.random,
  window: globalThis.window,
  document: globalThis.document,
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

/** What is kept between visits; null where the browser does not let us. @returns {Storage|null} */
export function openStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
