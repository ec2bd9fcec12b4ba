/**
 * Files that are chosen and not yet part of a message. IndexedDB keeps them, so that a file waits with its post over
 * reloads and days offline; where the browser keeps nothing, they last as long as the page.
 */

const DATABASE = "lobby";
const FILES = "files";
/** What no message has taken within this time is forgotten. */
const KEPT_MS = 14 * 86_400_000;

/**
 * @typedef {object} KeptFile
 * @property {string} id this browser's own
 * @property {string} room
 * @property {string} name
 * @property {Blob} blob
 * @property {number} at when it was chosen, in milliseconds
 * @property {{url: string, ticket: string, until: number}} [ticket] the server's leave to send it
 * @property {string} [key] the server's id for it: it is stored there
 */

export class FileStore {
  /** @type {Promise<IDBDatabase|null>|undefined} */
  #opened;
  /** @type {Map<string, KeptFile>} what this page has chosen */
  #memory = new Map();

  /** @param {KeptFile} file */
  async put(file) {
    this.#memory.set(file.id, file);
    await this.#do("readwrite", (files) => files.put(file));
  }

  /** As the last tab has left it. @returns {Promise<KeptFile|undefined>} undefined: it is not kept */
  async get(id) {
    const kept = await this.#do("readonly", (files) => files.get(id));
    const own = this.#memory.get(id);
    // The disk may have been too full to keep that it is stored.
    return own?.key ? own : (kept ?? own);
  }

  async remove(id) {
    this.#memory.delete(id);
    await this.#do("readwrite", (files) => files.delete(id));
  }

  /** @returns {Promise<any>} what the request gives; undefined where nothing can be kept */
  async #do(mode, ask) {
    this.#opened ??= this.#open();
    try {
      const database = await this.#opened;
      return await resultOf(ask(database.transaction(FILES, mode).objectStore(FILES)));
    } catch {
      // Private mode, a full disk: there is only memory.
    }
  }

  async #open() {
    const request = globalThis.indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(FILES, { keyPath: "id" });
    const database = await resultOf(request);
    this.#forgetOld(database);
    return database;
  }

  #forgetOld(database) {
    const request = database.transaction(FILES, "readwrite").objectStore(FILES).openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor?.value.at < Date.now() - KEPT_MS) cursor.delete();
      cursor?.continue();
    };
  }
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
