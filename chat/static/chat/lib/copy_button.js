/** Buttons that copy what their `data-copy` says, and say so themselves for a moment. */

import { copyText } from "./environment.js";

const SAYS_SO_MS = 2_000;

/** @param {ParentNode} root in which they are, each beside an input with the same text */
export function joinCopyButtons(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  for (const input of root.querySelectorAll(".link input")) {
    input.addEventListener("focus", () => input.select());
  }
}

async function copy(button) {
  if (!(await copyText(button.dataset.copy)))
    return button.parentElement.querySelector("input").focus();
  const words = button.textContent;
  button.textContent = button.dataset.done;
  button.disabled = true;
  setTimeout(() => {
    button.textContent = words;
    button.disabled = false;
  }, SAYS_SO_MS);
}
