/** Theme and density of the pages. They are kept in cookies, so that the server draws each page right at once. */

import { keepCookie } from "./environment.js";

const NAMES = ["theme", "density"];

/**
 * Let the page's `.look` choose.
 * @param {(change: () => void) => void} [around] does the change, which may move everything
 */
export function joinLook(around = (change) => change()) {
  show();
  document.querySelector(".look").addEventListener("change", ({ target: { name, value } }) => {
    keepCookie(name, value);
    around(show);
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) around(show); // It may have been changed on another page.
  });
}

function show() {
  for (const name of NAMES) {
    const value = document.cookie.match(`(?:^|; )${name}=(\\w+)`)?.[1] ?? "";
    document.documentElement.dataset[name] = value;
    for (const input of document.querySelectorAll(`.look [name=${name}]`))
      input.checked = input.value === value;
  }
  const { backgroundColor } = getComputedStyle(document.body);
  for (const meta of document.querySelectorAll("meta[name=theme-color]"))
    meta.content = backgroundColor;
}
