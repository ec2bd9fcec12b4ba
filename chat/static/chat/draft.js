/**
 * What is half written in a room, and what it answers. A tab keeps its own; the newest of all tabs is kept for the
 * next one that opens. It belongs to the person who wrote it.
 */

export class Draft {
  #key;

  /** @param {{room: string, owner: string}} options */
  constructor({ room, owner }) {
    this.#key = `lobby:draft:${encodeURIComponent(owner)}:${encodeURIComponent(room)}`;
  }

  get text() {
    return this.#kept.text ?? "";
  }

  set text(text) {
    this.#keep({ ...this.#kept, text });
  }

  /** @returns {{sequence: number, author: {name: string}, message: string}|undefined} what it answers */
  get reply() {
    return this.#kept.reply;
  }

  set reply(reply) {
    this.#keep({ ...this.#kept, reply });
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
    const json = JSON.stringify(draft);
    try {
      sessionStorage.setItem(this.#key, json);
      if (draft.text || draft.reply) localStorage.setItem(this.#key, json);
      else localStorage.removeItem(this.#key);
    } catch {
      // Private mode: a draft lives as long as the page.
    }
  }
}
