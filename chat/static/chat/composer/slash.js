/** The words that can follow a slash where one writes, and how they are completed. Pure. */

import { mayLeave, moderates, owns } from "lobby/state/permissions";

const anyone = () => true;
const isOffered = ({ offered = false }) => offered;

/** @type {{word: string, needs: (standing: object) => boolean, takesName?: boolean}[]} */
const COMMANDS = [
  { word: "help", needs: anyone },
  { word: "nick", needs: anyone },
  { word: "topic", needs: moderates },
  { word: "slow", needs: moderates },
  { word: "readonly", needs: moderates },
  { word: "pin", needs: moderates },
  { word: "unpin", needs: moderates },
  { word: "mute", needs: moderates, takesName: true },
  { word: "unmute", needs: moderates, takesName: true },
  { word: "kick", needs: moderates, takesName: true },
  { word: "ban", needs: moderates, takesName: true },
  { word: "unban", needs: moderates, takesName: true },
  { word: "purge", needs: moderates, takesName: true },
  { word: "admit", needs: moderates, takesName: true },
  { word: "dismiss", needs: moderates, takesName: true },
  { word: "mod", needs: owns, takesName: true },
  { word: "unmod", needs: owns, takesName: true },
  { word: "handover", needs: owns, takesName: true },
  { word: "accept", needs: isOffered },
  { word: "decline", needs: (standing) => isOffered(standing) || owns(standing) },
  { word: "leave", needs: mayLeave },
];
const CHOICES_MAX = 8;

/** `/word` with or without more is a command, `//word` and `/etc/passwd` are said. */
export function isCommand(text) {
  return /^\/\p{L}+(\s|$)/u.test(text);
}

/** @typedef {{label: string, text: string, about?: string}} Completion `text` is what stands there then */

/**
 * What can stand there, for what is written so far.
 * @param {string} text all that is written
 * @param {object} situation
 * @param {import("lobby/state/permissions").Standing} situation.standing
 * @param {string[]} situation.names of those who are here
 * @param {Record<string, string>} situation.strings
 * @returns {Completion[]}
 */
export function completions(text, { standing, names, strings }) {
  const [, word, rest] = text.match(/^\/([a-z]*)(?: (.*))?$/s) ?? [];
  if (word === undefined) return [];
  const known = COMMANDS.filter(({ needs }) => needs(standing));
  if (rest === undefined)
    return known.filter((command) => command.word.startsWith(word)).map(wordOf);
  if (!known.find((command) => command.word === word)?.takesName) return [];
  const begun = folded(rest.replace(/^"/, ""));
  return names
    .filter((name) => folded(name).startsWith(begun) && folded(name) !== begun)
    .slice(0, CHOICES_MAX)
    .map((name) => ({ label: name, text: `/${word} ${quoted(name)} ` }));

  function wordOf(command) {
    const about = strings[`slash_${command.word}`];
    return { label: `/${command.word}`, text: `/${command.word} `, about };
  }
}

/** A name of several words, between quotes. */
function quoted(name) {
  return /\s/.test(name) ? `"${name}"` : name;
}

function folded(name) {
  return name.normalize("NFKC").toLowerCase();
}
