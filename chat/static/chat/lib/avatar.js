/**
 * A face for people and rooms without pictures: initials on one of twelve colours, in one of four shapes. It follows
 * from the id alone, on every page alike; of people who are here together no two have the same.
 */

import { element } from "./elements.js";

const HUES = 12;
const SHAPES = 4;
/** The shapes of those who gave way to somebody with the same face. @type {Map<string, number>} by id */
let turned = new Map();

/** Give an element the colour of an id. Deleted accounts have none, and look alike. */
export function paint(element, id) {
  const hash = hashOf(id);
  element.style.setProperty("--hue", String(15 + (360 / HUES) * (hash % HUES)));
  element.dataset.shape = String(turned.get(id) ?? shapeOf(hash));
  element.dataset.face = id ?? "";
}

/**
 * See to it that these people differ: of those with the same face the first by id keeps it, the next have its colour in
 * another shape.
 * @param {Iterable<string>} ids
 * @param {() => Iterable<HTMLElement>} drawn the avatars that there are
 */
export function tellApart(ids, drawn) {
  const taken = new Set();
  const before = turned;
  turned = new Map();
  for (const id of [...ids].sort()) {
    const hash = hashOf(id);
    const shapes = Array.from({ length: SHAPES }, (_, step) => (shapeOf(hash) + step) % SHAPES);
    const free = shapes.find((shape) => !taken.has(`${hash % HUES} ${shape}`)) ?? shapes[0];
    taken.add(`${hash % HUES} ${free}`);
    if (free !== shapes[0]) turned.set(id, free);
  }
  const changed = [...before, ...turned].filter(([id]) => before.get(id) !== turned.get(id));
  if (changed.length === 0) return;
  for (const avatar of drawn()) paint(avatar, avatar.dataset.face);
}

function shapeOf(hash) {
  return Math.floor(hash / HUES) % SHAPES;
}

/** FNV-1a, with its bits mixed once more (as in MurmurHash3): near ids are to look different. */
function hashOf(id) {
  let hash = 0x811c9dc5;
  for (const char of id ?? "") hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
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
