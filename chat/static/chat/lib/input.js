/** What is typed: texts as the server stores and counts them, and keys. */

/** What Python's `str.strip` takes away; JavaScript's `trim` differs in a few characters. */
const SPACE =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_SPACE = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/** A text as the server stores it. */
export function trimmed(text) {
  return text.replaceAll("\r\n", "\n").replace(OUTER_SPACE, "");
}

const ROOM_NAME_MAX = 80;
/** What the browser does not know yet is the server's to judge. */
const ROOM_NAME = /^(?:[\p{L}\p{M}\p{N}\p{Cn} _.'&+!()-]|\u200c|\u200d)*$/u;

/** Which of the page's strings says why no room can be called so; undefined: the server is to be asked. */
export function flawOfRoomName(name) {
  if (!name) return "name_missing";
  if (/^\.+$/.test(name)) return "name_dots";
  if (codePoints(name.normalize("NFC")) > ROOM_NAME_MAX) return "name_too_long";
  if (!ROOM_NAME.test(name)) return "name_characters";
}

/** Code points, as the server counts. An emoji may be several, a letter of any script is one. */
export function codePoints(text) {
  return [...text].length;
}

/** The keyCode of a key that an input method took; Safari sends it after the composition has ended. */
const TAKEN_BY_INPUT_METHOD = 229;

/** An input method is composing (Japanese, Chinese, Korean …): Enter chooses a candidate. */
export function isComposing(event) {
  return event.isComposing || event.keyCode === TAKEN_BY_INPUT_METHOD;
}

/** One types on a screen, as far as a browser can tell: who has a mouse or a trackpad has keys as well. */
export function hasTouchKeyboard() {
  return matchMedia("(pointer: coarse) and (not (any-pointer: fine))").matches;
}

const ENTER_KEY = "lobby:enter";

/** On a touch keyboard Enter sends only when one wants that. */
export function enterSends() {
  if (!hasTouchKeyboard()) return true;
  try {
    return localStorage.getItem(ENTER_KEY) === "sends";
  } catch {
    return false;
  }
}

/** @param {boolean} isOn */
export function letEnterSend(isOn) {
  try {
    localStorage.setItem(ENTER_KEY, isOn ? "sends" : "");
  } catch {
    // Nothing can be kept.
  }
}

/** Enter sends, but with Shift it is a new line, and mostly on a touch keyboard; with Control or Command it always sends. */
export function isSendingKey(event) {
  const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
  if (key !== "Enter" || shiftKey || altKey || isComposing(event)) return false;
  return ctrlKey || metaKey || enterSends();
}

/** An arrow key as it leads through what is read: left is onward where one reads from right to left. */
export function inReadingOrder(key, element) {
  const isRtl = getComputedStyle(element).direction === "rtl";
  return (isRtl && { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key]) || key;
}

/** A press on a link with none of the keys that open it elsewhere or save it. */
export function isPlainClick({ ctrlKey, metaKey, shiftKey, altKey }) {
  return !(ctrlKey || metaKey || shiftKey || altKey);
}

/** As names are compared, as far as a browser can tell. */
export function folded(name) {
  return name.normalize("NFKC").toLowerCase();
}
