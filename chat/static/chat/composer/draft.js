/**
 * What is half written in a room, and what it answers. A tab keeps its own; the newest of all tabs is kept for the
 * next one that opens. It belongs to the person who wrote it.
 */

export class Draft {
  #key;
  #draft;

  /** @param {{room: string, owner: string}} options */
  constructor({ room, owner }) {
    this.#key = `lobby:draft:${encodeURIComponent(owner)}:${encodeURIComponent(room)}`;
    this.#draft = this.#kept;
  }

  get text() {
    return this.#draft.text ?? "";
  }

  set text(text) {
    if (text !== this.text) this.#keep({ ...this.#draft, text });
  }

  /** @returns {{sequence: number, author: {name: string}, message: string}|undefined} what it answers */
  get reply() {
    return this.#draft.reply;
  }

  set reply(reply) {
    if (reply !== this.reply) this.#keep({ ...this.#draft, reply });
  }

  /** @returns {{text?: string, reply?: {sequence: number, author: {name: string}, message: string}}} */
  get #kept() {
    try {
      const kept = sessionStorage.getItem(this.#key) ?? localStorage.getItem(this.#key);
      return JSON.parse(kept) ?? {};
    } catch {
      return {};
    }
  }

  /** An empty one is kept in this tab alone: another's draft does not take its place. */
  #keep(draft) {
    this.#draft = draft;
    const json = JSON.stringify(draft);
    try {
      sessionStorage.setItem(this.#key, json);
      if (draft.text || draft.reply) localStorage.setItem(this.#key, json);
      else localStorage.removeItem(this.#key);
    } catch {
      // Private mode: a draft is kept as long as the page is open.
    }
  }
}
