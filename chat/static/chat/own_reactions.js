/**
 * Which reactions are one's own. The room is told names, and a name is not a person: what was pressed in
 * this browser is remembered, and only for the rest one's name among the others decides.
 */

const REMEMBERED_MAX = 500;

export class OwnReactions {
  #storage;
  #key;
  /** @type {Map<string, boolean>} oldest first */
  #known = new Map();

  /** @param {{storage: Storage|null, room: string, owner: string}} options */
  constructor({ storage, room, owner }) {
    this.#storage = storage;
    this.#key = `lobby:reactions:${encodeURIComponent(owner)}:${encodeURIComponent(room)}`;
    try {
      this.#known = new Map(JSON.parse(storage.getItem(this.#key)) ?? []);
    } catch {
      // Nothing is remembered, or it is not ours.
    }
  }

  /**
   * @param {import("lobby/timeline").Message} message
   * @param {string} emoji
   * @param {string} name one's own
   */
  has({ sequence, client_id, reactions = [] }, emoji, name) {
    const names = reactions.find((reaction) => reaction.emoji === emoji)?.names ?? [];
    return this.#known.get(idOf({ sequence, client_id }, emoji)) ?? names.includes(name);
  }

  /** It was put there, or taken away. */
  note(message, emoji, isOn) {
    const id = idOf(message, emoji);
    this.#known.delete(id);
    this.#known.set(id, isOn);
    if (this.#known.size > REMEMBERED_MAX) this.#known.delete(this.#known.keys().next().value);
    try {
      this.#storage.setItem(this.#key, JSON.stringify([...this.#known]));
    } catch {
      // It is remembered as long as the page.
    }
  }
}

/** The place alone would name another message in the room's next life. */
function idOf({ client_id }, emoji) {
  return `${client_id} ${emoji}`;
}
