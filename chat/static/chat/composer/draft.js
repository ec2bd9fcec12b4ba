/**
 * What is half written in a room: a new message, with what it answers, and the new text of an old one. A tab keeps its
 * own; the newest of all tabs is kept for the next one that opens. It belongs to the person who wrote it.
 */

/**
 * @typedef {{client_id: string, sequence?: number, revision?: number, message: string, mentions?: object[],
 *   epoch: string|null, text: string}} Edit a message as one sees it, and what it is to say
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

  /** @returns {Edit|undefined} */
  get edit() {
    return this.#draft.edit;
  }

  set edit(edit) {
    if (edit !== this.edit) this.#keep({ ...this.#draft, edit });
  }

  /** @returns {import("../net/outbox.js").Chosen[]} what goes with it; of this tab alone, which sends it once */
  get files() {
    return this.#draft.files ?? [];
  }

  set files(files) {
    if (files.length || this.files.length) this.#keep({ ...this.#draft, files });
  }

  /** @returns {{text?: string, reply?: {sequence: number, author: {name: string}, message: string}, edit?: Edit}} */
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
      const others = JSON.stringify({ ...draft, files: undefined });
      if (draft.text || draft.reply || draft.edit) localStorage.setItem(this.#key, others);
      else localStorage.removeItem(this.#key);
    } catch {
      // Private mode: a draft is kept as long as the page is open.
    }
  }
}
