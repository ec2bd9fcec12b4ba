/** Elements with `data-until` tell how many seconds are left until then. */

import { fill } from "lobby/lib/strings";

const TICK_MS = 500;

/**
 * @param {HTMLElement} root
 * @param {string} words with `{count}`
 */
export function runCountdowns(root, words) {
  let timer;
  const tick = () => {
    clearTimeout(timer);
    const all = root.querySelectorAll("[data-until]");
    for (const left of all) {
      const count = Math.max(0, Math.ceil((Number(left.dataset.until) - Date.now()) / 1000));
      const text = fill(words, { count });
      if (left.textContent !== text) left.textContent = text;
    }
    if (all.length) timer = setTimeout(tick, TICK_MS);
  };
  new MutationObserver(tick).observe(root, { childList: true });
}
