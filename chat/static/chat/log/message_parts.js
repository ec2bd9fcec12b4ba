/** Parts of a message beside its text: what it answers, the reactions, and the button of its menu. */

import { authorName } from "../lib/avatar.js";
import { button, element } from "../lib/elements.js";
import { fill, fillNodes } from "../lib/strings.js";
import { excerptOf } from "./message_body.js";

/**
 * What a message answers, as far as it is held here.
 * @param {number} sequence
 * @param {object} options
 * @param {import("../state/timeline.js").Timeline} options.timeline
 * @param {Record<string, string>} options.strings
 * @param {(sequence: number) => void} options.onJump
 */
export function quote(sequence, { timeline, strings, onJump }) {
  if (sequence <= timeline.purgedThrough) return element("p", "quote gone", strings.reply_gone);
  const quoted = button("quote", "", () => onJump(sequence));
  quoted.dataset.control = "quote";
  quoted.title = strings.reply_jump;
  quoted.append(...quotedParts(timeline.message(sequence), timeline, strings));
  return quoted;
}

function quotedParts(message, timeline, strings) {
  if (!message) return [strings.reply_earlier];
  if (timeline.isFolded(message)) return [strings.blocked_message];
  const name = authorName(message.author);
  const said = message.deleted ? strings.deleted : excerptOf(message);
  const text = element("span", "excerpt", said);
  text.dir = "auto";
  const hidden = (words) => element("span", "visually-hidden", words);
  const words = fillNodes(strings.reply_to, { name });
  return [...words.map((word) => (word === name ? name : hidden(word))), " ", text];
}

/**
 * @param {import("../state/messages.js").Message} message
 * @param {object} options
 * @param {Record<string, string>} options.strings
 * @param {(emoji: string) => boolean} options.isOwn
 * @param {(message: object, emoji: string, on: boolean) => void} options.onReact
 */
export function reactions(message, { strings, isOwn, onReact }) {
  const row = element("div", "reactions");
  for (const reaction of message.reactions) {
    const { emoji, count } = reaction;
    const isOn = isOwn(emoji);
    const chip = button("chip", "", () => onReact(message, emoji, !isOn));
    chip.dataset.control = `reaction ${emoji}`;
    chip.append(element("span", "", emoji), " ", element("span", "count", String(count)));
    chip.title = whoReacted(reaction, strings);
    chip.setAttribute("aria-label", [`${emoji} ${count}`, chip.title].filter(Boolean).join(": "));
    chip.setAttribute("aria-pressed", String(isOn));
    chip.classList.toggle("waiting", Boolean(reaction.isWaiting));
    row.append(chip);
  }
  return row;
}

/** "Alice, Bob and 3 more"; nothing where nobody is named. Each name apart, so that one in another direction does not turn the others around. */
function whoReacted({ count, names }, strings) {
  const apart = names.map((name) => `\u2068${name}\u2069`).join(", ");
  const more = count - names.length;
  return more > 0 && apart ? fill(strings.names_and_more, { names: apart, count: more }) : apart;
}

/** The element with the message's text is known by it. */
export function bodyId({ sequence }) {
  return `message-${sequence}`;
}

/** The button that opens a message's menu. Its name is short, for it is read out with every new message. */
export function menuButton(message, { strings, onMenu }) {
  const more = button("more", "⋯", () => onMenu(message.sequence, more));
  more.title = strings.message_menu;
  more.dataset.control = "menu";
  more.setAttribute("aria-haspopup", "menu");
  more.setAttribute("aria-expanded", "false");
  more.setAttribute("aria-label", strings.message_menu);
  more.setAttribute("aria-describedby", bodyId(message));
  return more;
}
