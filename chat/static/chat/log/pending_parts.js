/** What one can do with a message that is not stored yet, and why one was refused. */

import { button, element } from "../lib/elements.js";
import { fill } from "../lib/strings.js";

/** Of what waits or was refused, so much tells which one a button is for. */
const WORDS_MAX = 40;

/**
 * @typedef {object} Options
 * @property {Record<string, string>} strings
 * @property {string} words what it says
 * @property {(clientId: string) => void} onRetry
 * @property {(clientId: string) => void} onRewrite
 * @property {(clientId: string) => void} onDiscard
 */

/**
 * @param {import("../state/pendings.js").Pending} pending
 * @param {Options & {hasText: boolean}} options `hasText`: it can be written anew
 */
export function failure({ client_id, reason }, options) {
  const { strings, hasText, onRetry, onRewrite, onDiscard } = options;
  const root = element("div", "failure");
  root.setAttribute("role", "alert");
  root.append(
    element("span", "reason", fill(strings.not_sent, { reason })),
    choice(strings.try_again, options, () => onRetry(client_id)),
    ...(hasText ? [choice(strings.message_edit, options, () => onRewrite(client_id))] : []),
    choice(strings.discard, options, () => onDiscard(client_id)),
  );
  return root;
}

/** What waits can be changed, or not be sent, until it is on its way. @param {Options} options */
export function choices({ client_id }, options) {
  const { strings, onRewrite, onDiscard } = options;
  const root = element("div", "choices");
  root.append(
    choice(strings.message_edit, options, () => onRewrite(client_id)),
    choice(strings.cancel, options, () => onDiscard(client_id)),
  );
  return root;
}

function choice(label, { words }, run) {
  const made = button("quiet", label, run);
  made.dataset.control = label;
  made.setAttribute("aria-label", `${label}: ${words.slice(0, WORDS_MAX)}`);
  return made;
}
