/** Elements with `data-until` tell how many seconds are left until then. */

import { fill } from "lobby/strings";

const TICK_MS = 500;

/**
 * @param {HTMLElement} root
 * @param {string} words with `{count}`
 */
export function runCountdowns(root, words) {
  const tick = () => {
    for (const left of root.querySelectorAll("[data-until]")) {
      const count = Math.max(0, Math.ceil((Number(left.dataset.until) - Date.now()) / 1000));
      const text = fill(words, { count });
      if (left.textContent !== text) left.textContent = text;
    }
  };
  new MutationObserver(tick).observe(root, { childList: true });
  setInterval(tick, TICK_MS);
}
