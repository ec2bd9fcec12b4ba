/**
 * Which reactions are one's own. The first 20 people under an emoji are told by id; of the others only how many
 * they are, and then what was pressed on this page decides.
 */

export class OwnReactions {
  /** @type {Map<string, boolean>} */
  #pressed = new Map();

  /**
   * @param {import("lobby/state/timeline").Message} message
   * @param {string} emoji
   * @param {import("lobby/state/timeline").Author} you
   */
  has(message, emoji, you) {
    const reaction = message.reactions?.find((one) => one.emoji === emoji);
    if (!reaction) return false;
    const { count, names, ids } = reaction;
    if (ids?.includes(you.id)) return true;
    if (ids?.length === count) return false;
    const isNamed = !ids && names.includes(you.name); // it is older than the ids
    return this.#pressed.get(idOf(message, emoji)) ?? isNamed;
  }

  /** It was put there, or taken away. */
  note(message, emoji, isOn) {
    this.#pressed.set(idOf(message, emoji), isOn);
  }
}

/** The place alone would name another message in the room's next life. */
function idOf({ client_id }, emoji) {
  return `${client_id} ${emoji}`;
}
