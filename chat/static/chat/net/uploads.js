/**
 * Brings files to the server before the message that has them: asks first, sends the bytes, and tries again for as
 * long as that may help. Two at once. Files are known by ids of this browser until a message has them.
 */

import { backoffMs } from "./reconnecting_socket.js";

/** The server takes no more at once from an address. */
const AT_ONCE = 2;
/** A ticket with less time left is not begun with. */
const TICKET_MARGIN_MS = 60_000;
/** So often a ticket that the server does not know any more is asked for anew. */
const RENEWALS_MAX = 2;
/** After so many tries without an answer it is asked anew: a refusal may be lost where bytes are on their way. */
const TRIES_WITH_A_TICKET = 4;
/** Answers to the bytes that mean: this ticket is good no longer. */
const NO_TICKET = new Set([403, 404, 410]);
const TOO_SLOW = 408;
/** What is to be tried again later than this is said to have failed. */
const LONGEST_WAIT_S = 60;
const DISK_FULL = 507;

/**
 * @typedef {"waiting"|"sending"|"stored"|"failed"|"lost"} UploadState "lost": this browser does not have it any more
 * @typedef {object} Upload
 * @property {UploadState} state
 * @property {number} share of the bytes that have gone, from 0 to 1
 * @property {string} [reason] why it failed, for people
 * @property {string} [key] the server's id, of what is stored
 */

/** @type {Upload} */
const NOT_BEGUN = { state: "waiting", share: 0 };

export class Uploads {
  #store;
  #requests;
  #environment;
  #strings;
  /** @type {Map<string, Upload & {abort?: AbortController}>} */
  #all = new Map();
  /** Those that wait for their turn. @type {string[]} */
  #queue = [];
  #running = 0;
  /** Ends the waits of those that are to be tried again. @type {Set<() => void>} */
  #waits = new Set();
  #listeners = new Set();

  /**
   * @param {object} options
   * @param {import("./file_store.js").FileStore} options.store
   * @param {typeof import("./file_requests.js").fileRequests} options.requests
   * @param {import("./reconnecting_socket.js").Environment & {locks?: LockManager}} options.environment
   * @param {Record<string, string>} options.strings
   */
  constructor({ store, requests, environment, strings }) {
    this.#store = store;
    this.#requests = requests;
    this.#environment = environment;
    this.#strings = strings;
  }

  /** @param {(id: string) => void} listener hears of every change of an upload */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** @returns {Upload} */
  get(id) {
    return this.#all.get(id) ?? NOT_BEGUN;
  }

  /** It will not be stored by itself any more. */
  hasFailed(id) {
    const { state } = this.get(id);
    return state === "failed" || state === "lost";
  }

  /** @returns {Promise<Blob|undefined>} */
  async blobOf(id) {
    return (await this.#store.get(id))?.blob;
  }

  /** Keep a file that was chosen, and begin with it. */
  async add({ id, name }, blob, room) {
    this.#all.set(id, { ...NOT_BEGUN });
    await this.#store.put({ id, room, name, blob, at: this.#environment.now() });
    if (!this.#all.has(id)) return this.#store.remove(id); // It was dropped meanwhile.
    this.#enqueue(id);
  }

  /** Go on with files of an earlier page, and again with those that have failed. */
  begin(ids) {
    for (const id of ids) {
      const { state } = this.#all.get(id) ?? {};
      if (state === undefined || state === "failed") this.#enqueue(id);
    }
  }

  /** They are not wanted any more. */
  drop(ids) {
    for (const id of ids) {
      const { key, abort } = this.get(id);
      this.#forget(id);
      abort?.abort();
      if (key) this.#requests.remove(key);
    }
  }

  /** A message has them. */
  settle(ids) {
    for (const id of ids) this.#forget(id);
  }

  /** The server has these no more: they begin anew when they are wanted. */
  async expire(ids) {
    for (const id of ids) {
      this.#all.delete(id);
      const file = await this.#store.get(id);
      if (file) await this.#store.put({ ...file, key: undefined, ticket: undefined });
    }
  }

  /** The server can be reached again: nothing waits longer for its next try. */
  wake() {
    for (const end of [...this.#waits]) end();
  }

  #forget(id) {
    this.#all.delete(id);
    this.#store.remove(id);
  }

  #enqueue(id) {
    this.#all.set(id, { ...NOT_BEGUN, abort: new AbortController() });
    this.#tell(id);
    this.#queue.push(id);
    this.#next();
  }

  #next() {
    while (this.#running < AT_ONCE && this.#queue.length) {
      this.#running++;
      this.#upload(this.#queue.shift()).finally(() => {
        this.#running--;
        this.#next();
      });
    }
  }

  /** One tab alone sends a file: the next one finds it stored. */
  async #upload(id) {
    const upload = this.#all.get(id);
    if (!upload) return;
    const send = () => this.#send(id, upload.abort.signal);
    const { locks } = this.#environment;
    const changes = await (locks ? locks.request(`lobby:upload:${id}`, send) : send());
    if (!upload.abort.signal.aborted) this.#change(id, changes);
  }

  /** @returns {Promise<Partial<Upload>>} how it ended */
  async #send(id, signal) {
    let renewals = 0;
    for (let attempt = 0; !signal.aborted; ) {
      const file = await this.#store.get(id);
      if (!file) return { state: "lost", reason: this.#strings.file_lost };
      if (file.key) return { state: "stored", share: 1, key: file.key };
      const answer = await this.#try(file, signal);
      if (signal.aborted) break;
      if (answer.isTicketGone && renewals++ < RENEWALS_MAX) {
        await this.#store.put({ ...file, ticket: undefined });
      } else if (answer.status === 200) {
        await this.#store.put({ ...file, key: answer.answer.id });
      } else if (isPassing(answer)) {
        const { retryAfter } = answer;
        const ms = backoffMs(attempt++, this.#environment.random);
        if (attempt % TRIES_WITH_A_TICKET === 0)
          await this.#store.put({ ...file, ticket: undefined });
        await this.#wait(retryAfter === undefined ? ms : retryAfter * 1000, signal);
      } else {
        return { state: "failed", reason: answer.answer.text ?? this.#strings.file_failed };
      }
    }
    return {};
  }

  /** Ask, unless that is done, and send. */
  async #try(file, signal) {
    const now = this.#environment.now();
    let { ticket } = file;
    if (!(ticket?.until - TICKET_MARGIN_MS > now)) {
      const { room, name, blob } = file;
      const asked = await this.#requests.promise({ room, name, size: blob.size }, signal);
      if (asked.status !== 201) return asked;
      const { url, ticket: words, expires_in } = asked.answer;
      ticket = { url, ticket: words, until: now + expires_in * 1000 };
      await this.#store.put({ ...file, ticket });
    }
    const onProgress = (share) => this.#change(file.id, { state: "sending", share });
    onProgress(0);
    const sent = await this.#requests.put(ticket, file.blob, signal, onProgress);
    if (sent.status !== 200) this.#change(file.id, NOT_BEGUN);
    return { ...sent, isTicketGone: NO_TICKET.has(sent.status) };
  }

  /** It ends early when it is cancelled, or when the server can be reached again. */
  #wait(ms, signal) {
    return new Promise((resolve) => {
      const end = () => {
        this.#environment.clearTimeout(timer);
        this.#waits.delete(end);
        resolve();
      };
      const timer = this.#environment.setTimeout(end, ms);
      this.#waits.add(end);
      signal.addEventListener("abort", end);
    });
  }

  #change(id, values) {
    const upload = this.#all.get(id);
    if (!upload) return;
    this.#all.set(id, { ...upload, ...values });
    this.#tell(id);
  }

  #tell(id) {
    for (const listener of this.#listeners) listener(id);
  }
}

/** To try again by itself may help. A full disk and a full quota stay so for long: their author is told. */
function isPassing({ status, retryAfter = 0 }) {
  if (status === DISK_FULL || retryAfter > LONGEST_WAIT_S) return false;
  return status === 0 || status === TOO_SLOW || status >= 500 || retryAfter > 0;
}
