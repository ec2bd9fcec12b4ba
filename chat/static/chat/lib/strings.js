/**
 * The page's own words, in the site's language. The server writes them into
 * `<template id="strings">`, so that no language is written into a script.
 * @returns {Record<string, string>}
 */
export function readStrings(document) {
  const rows = document.querySelector("#strings").content.querySelectorAll("[data-string]");
  return Object.fromEntries([...rows].map((row) => [row.dataset.string, row.textContent.trim()]));
}

/** `fill("{count} left", {count: 3})` is "3 left". */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/**
 * The same with nodes, for names that are to stand in a `<bdi>` of their own.
 * @param {string} text
 * @param {Record<string, Node|string>} nodes
 * @returns {(Node|string)[]} to be appended
 */
export function fillNodes(text, nodes) {
  return text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? (nodes[part] ?? "") : part));
}

/** What a `json_script` block holds. */
export function readJson(document, id) {
  return JSON.parse(document.getElementById(id).textContent);
}
