/** Marks the names of those whom a message mentions, where its words are: not in code and links. */

import { element } from "../lib/elements.js";

/**
 * @param {HTMLElement} body
 * @param {{id?: string, name: string}[]} mentions
 * @param {string} yourId
 */
export function markMentions(body, mentions, yourId) {
  const byText = new Map(mentions.map((mention) => [`@${mention.name}`, mention]));
  const longestFirst = [...byText.keys()].sort((a, b) => b.length - a.length);
  const places = new RegExp(`(?<![\\p{L}\\p{N}_])(${longestFirst.map(escaped).join("|")})`, "u");
  for (const node of wordsOf(body)) {
    const parts = node.data.split(places);
    if (parts.length === 1) continue;
    node.replaceWith(...parts.map((part, at) => (at % 2 ? mark(part) : part)));
  }

  function mark(text) {
    const { id = yourId } = byText.get(text);
    return element("span", id === yourId ? "mention me" : "mention", text);
  }
}

/** @returns {Text[]} */
function wordsOf(body) {
  const found = [];
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    if (!node.parentElement.closest("a, code, pre")) found.push(node);
  }
  return found;
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
