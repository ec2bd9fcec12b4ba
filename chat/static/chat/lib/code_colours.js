/** Colours the code in messages by the language that is named, in a worker that begins with the first one. */

/**
 * Code that takes longer stays as it is: an expression of a language can be made slow on purpose. That the worker is
 * loaded does not count.
 */
const TIMEOUT_MS = 3000;
const KEPT_MAX = 200;

export class CodeColours {
  #urls;
  /** @type {Worker|null} */
  #worker = null;
  /** The worker is loaded. @type {Promise<void>} */
  #isReady;
  /** @type {Map<string, Promise<string|null>>} HTML by language and code, the newest last */
  #kept = new Map();
  /** @type {Map<number, (html: string|null) => void>} */
  #asked = new Map();
  #lastId = 0;

  /** @param {{codeWorker: string, codeLibrary: string}} urls addresses of `code_worker.js` and highlight.js */
  constructor(urls) {
    this.#urls = urls;
  }

  /** @param {HTMLElement} block with the class `language-…`; it is coloured when the worker has answered */
  async colour(block) {
    const language = /language-(\S+)/.exec(block.className)?.[1];
    if (!language) return;
    const html = await this.#htmlOf(language, block.textContent);
    if (html !== null) block.innerHTML = html; // spans with classes: highlight.js escapes the code
  }

  #htmlOf(language, code) {
    const key = `${language}\n${code}`;
    const html = this.#kept.get(key) ?? this.#ask(language, code);
    this.#kept.delete(key);
    this.#kept.set(key, html);
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value);
    return html;
  }

  #ask(language, code) {
    const id = ++this.#lastId;
    this.#start();
    return new Promise((resolve) => {
      let timer;
      this.#isReady.then(() => {
        timer = setTimeout(() => this.#stop(), TIMEOUT_MS);
      });
      this.#asked.set(id, (html) => {
        clearTimeout(timer);
        resolve(html);
      });
      this.#worker.postMessage({ id, language, code });
    });
  }

  #start() {
    if (this.#worker) return;
    const { codeWorker, codeLibrary } = this.#urls;
    this.#worker = new Worker(`${codeWorker}#${encodeURIComponent(codeLibrary)}`);
    this.#isReady = new Promise((resolve) => {
      this.#worker.addEventListener("message", ({ data }) => {
        if (data.id) this.#answered(data.id, data.html);
        else resolve();
      });
    });
    this.#worker.addEventListener("error", () => this.#stop());
  }

  /** What waits for an answer gets none; the next code starts another worker. */
  #stop() {
    this.#worker?.terminate();
    this.#worker = null;
    for (const id of [...this.#asked.keys()]) this.#answered(id, null);
  }

  #answered(id, html) {
    this.#asked.get(id)?.(html);
    this.#asked.delete(id);
  }
}
