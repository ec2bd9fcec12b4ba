/** What one is in a room, and what one may do there. Pure; the server decides, this is what it will say. */

/**
 * @typedef {{role?: string, staff?: boolean, muted_until?: string, muted_for?: number, blocked?: string[],
 *   offered?: boolean}} Permissions
 * @typedef {{id: string|null, name: string, role?: string}} Person
 */

const RANKS = { visitor: 0, member: 1, moderator: 2, owner: 3 };
const STAFF_RANK = 4;
/** A mute that lasts longer than this is one for good. */
const FOR_GOOD_MS = 5 * 365 * 86_400_000;

/** @param {Permissions} permissions */
export function rankOf({ role = "visitor", staff = false }) {
  return staff ? STAFF_RANK : RANKS[role];
}

/** An owner hands the room over first. */
export function mayLeave({ role }) {
  return role === "member" || role === "moderator";
}

export function moderates(permissions) {
  return rankOf(permissions) >= RANKS.moderator;
}

export function owns(permissions) {
  return rankOf(permissions) >= RANKS.owner;
}

/** What a message said before it was edited. @param {import("./messages.js").Message} message */
export function mayReadEarlier({ author }, { you, permissions }) {
  return author.id === you.id || moderates(permissions);
}

/** May be unaware of it: nobody's role is known who is not here. */
function standsAbove(permissions, { role }) {
  return role === undefined || rankOf(permissions) > RANKS[role];
}

/** With the end of a mute by this machine's clock, which may differ from the server's. @param {Permissions} permissions */
export function byOwnClock(permissions, now) {
  const { muted_for } = permissions;
  if (typeof muted_for !== "number") return permissions;
  return { ...permissions, muted_until: new Date(now + muted_for * 1000).toISOString() };
}

/** @returns {number|null} milliseconds since the epoch; null when one is not muted now */
export function mutedUntil({ muted_until }, now) {
  const until = Date.parse(muted_until ?? "");
  return until > now ? until : null;
}

/**
 * Why nothing can be said here now.
 * @param {import("./timeline.js").Room} room
 * @param {Permissions} permissions
 * @returns {"closed"|"read_only"|"muted"|"muted_until"|null}
 */
export function silencedBy(room, permissions, now) {
  if (room.closed) return "closed";
  if (permissions.staff) return null;
  const until = mutedUntil(permissions, now);
  if (until) return until - now > FOR_GOOD_MS ? "muted" : "muted_until";
  return room.read_only && !moderates(permissions) ? "read_only" : null;
}

/**
 * May send files.
 * @param {"all"|"accounts"|"off"} site who may on this site
 * @param {import("./timeline.js").Room} room
 * @param {{verified?: boolean}} you
 */
export function mayUpload(site, room, { verified }) {
  return room.uploads !== false && (site === "all" || (site === "accounts" && Boolean(verified)));
}

/**
 * @typedef {object} Situation
 * @property {{id: string}} you
 * @property {Permissions} permissions
 * @property {import("./timeline.js").Room} room
 * @property {number} now
 */

/**
 * What can be done with a message: names of choices, in the order of the menu.
 * @param {import("./messages.js").Message} message
 * @param {Situation} situation
 * @returns {string[]}
 */
export function choicesOfMessage(message, situation) {
  const { you, permissions, room, now } = situation;
  const isOwn = message.author.id === you.id;
  const keepsOrder = moderates(permissions);
  const others = isOwn ? [] : choicesOfStranger(message, situation);
  if (message.deleted) return others.filter((choice) => choice === "person");
  const silence = silencedBy(room, permissions, now);
  const hasText = message.message !== "";
  return [
    ...(silence === null || silence === "read_only" ? ["react"] : []),
    ...(silence === null ? ["reply"] : []),
    ...(silence === null && hasText ? ["quote"] : []),
    ...(hasText ? ["copy"] : []),
    "link",
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
    ...(moderates(situation.permissions) ? ["person"] : []),
  ];
}

function choiceToBlock({ id }, { permissions }) {
  return permissions.blocked?.includes(id) ? "unblock" : "block";
}

/**
 * What can be done with a person: names of choices, in the order of the menu.
 * @param {Person} person
 * @param {Situation} situation
 * @returns {string[]}
 */
export function choicesOfPerson(person, situation) {
  const { you, permissions } = situation;
  if (person.id === null || person.id === you.id) return [];
  return [
    choiceToBlock(person, situation),
    ...(moderates(permissions) && standsAbove(permissions, person)
      ? ["mute_shortly", "mute", "unmute", "kick", "ban", "purge"]
      : []),
    ...(owns(permissions) ? choicesOfOwner(person) : []),
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
