/** A message as it will be when what one has asked for is stored: until then it is shown so. Pure. */

/** @typedef {import("lobby/state/timeline").Message} Message */

const OUTCOMES = { edit: edited, delete: deleted, react: reacted };

/**
 * @param {Message} message
 * @param {import("lobby/state/timeline").Pending[]} changes in the order in which they were made
 * @param {{id: string, name: string}} you
 * @returns {Message} `isWaiting`: its text is not stored yet; `html` is null where only the text is known
 */
export function asItWillBe(message, changes, you) {
  return changes.reduce((before, change) => {
    return before.deleted ? before : OUTCOMES[change.type](before, change, you);
  }, message);
}

function edited(message, { message: text }) {
  const html = text === message.message ? message.html : null;
  return { ...message, message: text, html, isWaiting: true };
}

function deleted(message) {
  return { ...message, message: "", html: "", deleted: true, reactions: [], isWaiting: true };
}

function reacted(message, { emoji, on }, you) {
  const before = message.reactions ?? [];
  const nobody = { emoji, count: 0, names: [], ids: [] };
  const reaction = before.find((one) => one.emoji === emoji) ?? nobody;
  const after = { ...(on ? withYou(reaction, you) : withoutYou(reaction, you)), isWaiting: true };
  const others = before.map((one) => (one === reaction ? after : one));
  const reactions = before.includes(reaction) ? others : [...others, after];
  return { ...message, reactions: reactions.filter(({ count }) => count > 0) };
}

function withYou({ emoji, count, names, ids = [] }, { id, name }) {
  if (ids.includes(id)) return { emoji, count, names, ids };
  return { emoji, count: count + 1, names: [...names, name], ids: [...ids, id] };
}

/** One may be among those who are only counted. */
function withoutYou({ emoji, count, names, ids = [] }, { id }) {
  const place = ids.indexOf(id);
  const isCounted = place >= 0 || count > ids.length;
  const isOther = (_, index) => index !== place;
  return {
    emoji,
    count: isCounted ? count - 1 : count,
    names: names.filter(isOther),
    ids: ids.filter(isOther),
  };
}
