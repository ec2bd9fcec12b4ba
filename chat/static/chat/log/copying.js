/** What is copied from several messages of the log: their text, each with its author and time. */

import { isAction } from "./message_body.js";
import { nameOf } from "./message_files.js";

/**
 * @param {HTMLElement} log
 * @param {object} options
 * @param {import("../state/timeline.js").Timeline} options.timeline
 * @param {import("../lib/strings.js").TimeFormat} options.times
 */
export function joinCopying(log, { timeline, times }) {
  log.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    const isSelected = (body) => selection.containsNode(body, true);
    const bodies = [...log.querySelectorAll("[data-sequence] .body")].filter(isSelected);
    if (bodies.length < 2) return; // The browser copies what is selected in one.
    const said = bodies.map((body) => [
      timeline.message(Number(body.closest(".entry").dataset.sequence)),
      selection.containsNode(body) ? null : partOf(body, selection),
    ]);
    const lines = said
      .filter(([message, part]) => part !== "" && !message.deleted && !timeline.isFolded(message))
      .map(([message, part]) => lineOf(message, part, times));
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
  });
}

function lineOf(message, part, times) {
  const { name } = message.author;
  const time = times.dateAndTime(new Date(message.sent_at));
  const said = message.message || (message.files ?? []).map(nameOf).join(", ");
  if (!isAction(message)) return `[${time}] ${name}: ${part ?? said}`;
  const words = part ?? `* ${name} ${message.message.replace("/me ", "")}`;
  return `[${time}] ${words}`;
}

/** The selected words of a body, with the lines as they are read. */
function partOf(body, selection) {
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const range = selection.getRangeAt(0).cloneRange();
  if (!body.contains(range.startContainer)) range.setStart(body, 0);
  if (!body.contains(range.endContainer)) range.setEnd(body, body.childNodes.length);
  selection.removeAllRanges();
  selection.addRange(range);
  const words = selection.toString();
  selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  return words.trim();
}
