/** A face for people and rooms without pictures: initials on one of twelve colours. */

const HUES = 12;

/** The same id has the same colour everywhere. @returns {string} a class of base.css */
export function hueClass(id) {
  let hash = 0;
  for (const char of id ?? "") hash = (hash * 31 + char.codePointAt(0)) >>> 0;
  return `hue-${((hash ^ (hash >>> 7)) >>> 0) % HUES}`;
}

/** The first letters of the first two words. */
export function initials(name) {
  const letters = name.split(/\s+/).map(firstLetter).filter(Boolean);
  return letters.slice(0, 2).join("").toUpperCase();
}

/** With its marks: a letter of some scripts is several code points. */
function firstLetter(word) {
  return word.match(/[\p{L}\p{N}]\p{M}*/u)?.[0] ?? "";
}

/** Give an `.avatar` element a face. */
export function drawAvatar(element, { id, name }) {
  element.className = `avatar ${hueClass(id)}`;
  element.textContent = initials(name);
}
