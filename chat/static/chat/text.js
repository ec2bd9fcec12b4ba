/** What Python's `str.strip` takes away; JavaScript's `trim` differs in a few characters. */
const SPACE =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_SPACE = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/** A text as the server stores it. */
export function trimmed(text) {
  return text.replaceAll("\r\n", "\n").replace(OUTER_SPACE, "");
}

/** Code points, as the server counts. An emoji may be several, a letter of any script is one. */
export function codePoints(text) {
  return [...text].length;
}
