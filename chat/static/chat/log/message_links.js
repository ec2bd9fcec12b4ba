/** Links to messages: what they look like, and those in a message that lead to others of the same room. */

import { isPlainClick } from "../lib/input.js";

const PATH = /^\/chat\/([^/]+)\/([1-9]\d{0,14})\/$/;
/** So many of the messages that one links to are quoted beneath it. */
const QUOTES_MAX = 3;

/** The address of a message: it opens the room there. */
export function linkTo(room, sequence) {
  return `${location.origin}/chat/${encodeURIComponent(room)}/${sequence}/`;
}

/** @param {HTMLAnchorElement} link @returns {number|undefined} the place in this room that it leads to */
function placeOf({ origin, pathname }, room) {
  const [, name, sequence] = PATH.exec(pathname) ?? [];
  if (origin !== location.origin || !name) return;
  try {
    return decodeURIComponent(name) === room ? Number(sequence) : undefined;
  } catch {
    // No URL of ours.
  }
}

/** The places in this room to which a message links. @param {HTMLElement} body @returns {number[]} */
export function linkedPlaces(body, room) {
  const places = [...body.querySelectorAll("a")].map((link) => placeOf(link, room));
  return [...new Set(places)].filter(Boolean).slice(0, QUOTES_MAX);
}

/**
 * A link in a message to another one goes there without a new page, unless it is to open in another tab.
 * @param {HTMLElement} log
 * @param {string} room
 * @param {(sequence: number) => void} onJump
 */
export function followLinks(log, room, onJump) {
  log.addEventListener("click", (event) => {
    const link = event.target.closest(".body a");
    const place = link && placeOf(link, room);
    if (!place || !isPlainClick(event)) return;
    event.preventDefault();
    onJump(place);
  });
}
