/** Parts of a message beside its text: what it answers, the reactions, and its tools. */

import { authorName } from "../lib/avatar.js";
import { button, element } from "../lib/elements.js";
import { apart, fillCount, fillNodes, listed } from "../lib/strings.js";
import { excerptOf } from "./message_body.js";

const LIKE = "👍";

/**
 * What a message answers, as far as it is held here.
 * @param {number} sequence
 * @param {object} options
 * @param {import("../state/timeline.js").Timeline} options.timeline
 * @param {Record<string, string>} options.strings
 * @param {(sequence: number) => void} options.onJump
 * @param {string} [control] what it is among the message's controls
 */
export function quote(sequence, { timeline, strings, onJump }, control = "quote") {
  if (sequence <= timeline.purgedThrough) return element("p", "quote gone", strings.reply_gone);
  const quoted = button("quote", "", () => onJump(sequence));
  quoted.dataset.control = control;
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

/** "Alice, Bob, and 3 more"; nothing where nobody is named. */
function whoReacted({ count, names }, strings) {
  const list = names.map(apart);
  const more = count - names.length;
  if (more > 0 && names.length) list.push(fillCount(strings, "more", more));
  return listed(list);
}

/** The element with the message's text is known by it. */
export function bodyId({ sequence }) {
  return `message-${sequence}`;
}

/**
 * What one reaches for most, and the button of the menu: the only one of them that Tab stops at. Its name is short,
 * for it is read out with every message.
 * @param {import("../state/messages.js").Message} message
 * @param {object} options
 * @param {boolean} options.isWhole it has a text that is shown
 */
export function tools(message, { strings, isWhole, isOwn, onReact, onReply, onMenu }) {
  const row = element("div", "tools");
  const add = (name, words, label, run) => {
    const tool = button(name, words, () => run(tool));
    tool.dataset.control = name;
    tool.tabIndex = -1;
    tool.title = label;
    tool.setAttribute("aria-label", label);
    tool.setAttribute("aria-describedby", bodyId(message));
    row.append(tool);
    return tool;
  };
  if (isWhole) {
    const isOn = isOwn(LIKE);
    const like = add("like", LIKE, strings.like, () => onReact(message, LIKE, !isOn));
    like.setAttribute("aria-pressed", String(isOn));
    add("reply", "", strings.message_reply, () => onReply(message));
  }
  const more = add("more", "⋯", strings.message_menu, (tool) => onMenu(message.sequence, tool));
  more.setAttribute("aria-haspopup", "menu");
  more.setAttribute("aria-expanded", "false");
  return row;
}

/**
 * The name opens the menu of who said it, and so does a press on the face.
 * @param {HTMLElement} entry
 * @param {import("../state/messages.js").Author} author
 * @param {(author: object, button: HTMLElement) => void} onPerson
 */
export function offerPerson(entry, author, onPerson) {
  const name = entry.querySelector(".author");
  const open = button("person-menu", "", () => onPerson(author, open));
  open.dataset.control = "author";
  open.setAttribute("aria-haspopup", "menu");
  open.setAttribute("aria-expanded", "false");
  name.replaceWith(open);
  open.append(name);
  const avatar = entry.querySelector(".avatar");
  avatar.classList.add("pressable");
  avatar.addEventListener("click", () => open.click());
}
