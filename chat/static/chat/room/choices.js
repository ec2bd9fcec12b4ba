/** What can be done with a message or a person, by whom. Pure: names of choices, in the order of the menu. */

import { moderates, owns, silencedBy, standsAbove } from "lobby/state/permissions";

/**
 * @typedef {object} Situation
 * @property {{id: string}} you
 * @property {import("lobby/state/permissions").Standing} standing
 * @property {import("lobby/state/timeline").Room} room
 * @property {number} now
 */

/**
 * @param {import("lobby/state/timeline").Message} message
 * @param {Situation} situation
 * @returns {string[]}
 */
export function choicesOfMessage(message, situation) {
  const { you, standing, room, now } = situation;
  const isOwn = message.author.id === you.id;
  const keepsOrder = moderates(standing);
  const others = isOwn ? [] : choicesOfStranger(message, situation);
  if (message.deleted) return others.filter((choice) => choice === "person");
  const silence = silencedBy(room, standing, now);
  return [
    ...(silence === null || silence === "read_only" ? ["react"] : []),
    ...(silence === null ? ["reply"] : []),
    "copy",
    ...(isOwn && silence === null ? ["edit"] : []),
    ...(keepsOrder ? [message.sequence === room.pinned ? "unpin" : "pin"] : []),
    ...(isOwn || keepsOrder ? ["delete"] : []),
    ...others,
  ];
}

/** What another's message offers besides. */
function choicesOfStranger({ author }, situation) {
  if (author.id === null) return ["report"];
  return [
    "report",
    choiceToBlock(author, situation),
    ...(moderates(situation.standing) ? ["person"] : []),
  ];
}

function choiceToBlock({ id }, { standing }) {
  return standing.blocked?.includes(id) ? "unblock" : "block";
}

/**
 * @param {import("lobby/state/permissions").Person} person
 * @param {Situation} situation
 * @returns {string[]}
 */
export function choicesOfPerson(person, situation) {
  const { you, standing } = situation;
  if (person.id === null || person.id === you.id) return [];
  return [
    choiceToBlock(person, situation),
    ...(moderates(standing) && standsAbove(standing, person)
      ? ["mute_shortly", "mute", "unmute", "kick", "ban", "purge"]
      : []),
    ...(owns(standing) ? choicesOfOwner(person) : []),
  ];
}

/** Somebody whose role is not known may have either. */
function choicesOfOwner({ role }) {
  if (role === "owner") return [];
  return [
    ...(role === "moderator" ? [] : ["promote"]),
    ...(role === "moderator" || role === undefined ? ["demote"] : []),
    "hand_over",
  ];
}
