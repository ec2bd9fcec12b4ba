/** A face for people and rooms without pictures: initials on one of twelve colours. */

import { element } from "./elements.js";

const HUES = 12;

/** From one to the next there are 150 degrees: neighbours differ most. */
const STEP = 5;
/** @type {Map<string, number>} by id */
const hues = new Map();

/**
 * The same id has the same colour everywhere, unless somebody on this page was there first with it and another
 * one is free: the first twelve never look alike.
 * @returns {number} degrees
 */
export function hueOf(id) {
  const key = id ?? "";
  if (!hues.has(key)) hues.set(key, freeHue(hashOf(key) % HUES));
  return 15 + (360 / HUES) * hues.get(key);
}

/** Give an element the colour of an id. */
export function paint(element, id) {
  element.style.setProperty("--hue", hueOf(id));
}

function freeHue(wished) {
  if (hues.size >= HUES) return wished;
  const taken = new Set(hues.values());
  let hue = wished;
  while (taken.has(hue)) hue = (hue + STEP) % HUES;
  return hue;
}

function hashOf(text) {
  let hash = 0;
  for (const char of text) hash = (hash * 31 + char.codePointAt(0)) >>> 0;
  return (hash ^ (hash >>> 7)) >>> 0;
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
  paint(element, id);
  element.textContent = initials(name);
}

/** The name of who said something, in their colour. */
export function authorName({ id, name }) {
  const author = element("bdi", "author", name);
  paint(author, id);
  return author;
}

/** The mark of an account. @param {string} words what it means */
export function verifiedMark(words) {
  const mark = element("span", "verified");
  mark.title = words;
  mark.append(element("span", "visually-hidden", words));
  return mark;
}
