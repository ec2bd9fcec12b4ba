/**
 * The conversation with the server (docs/PROTOCOL.md, `chat.v1`): resumes from the timeline's cursor,
 * sends what is to be written until it is answered, and asks for history.
 */

import { newUuid } from "../lib/environment.js";
import { byOwnClock } from "../state/permissions.js";
import { Posts } from "./posts.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { Acknowledgements, Pauses, Writes } from "./writes.js";

const PROTOCOL = "chat.v1";
/** The server tells a poster to try again within about 10 s of losing its database. */
const ANSWER_MS = 15_000;
const AGAIN_CODES = new Set(["busy", "unavailable"]);

export class Connection {
  #timeline;
  #environment;
  #me;
  /** @type {ReconnectingSocket} */
  #socket;
  #writes = new Writes();
  /** @type {Posts} */
  #posts;
  #acknowledgements = new Acknowledgements();
  /** @type {Pauses} */
  #pauses;
  #isClosed = false;
  #isResuming = false;
  #resumeTimer;
  /** @type {{resolve: (page: object) => void, reject: (reason: Error) => void}|null} who waits for a page */
  #history = null;
  /** The client_id of the newest rename. */
  #renaming = "";
  /** @type {Map<string, ((event: object) => void)[]>} */
  #listeners = new Map();

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {import("../state/me.js").Me} options.me told who one is and what one may do
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./outbox.js").Outbox} options.outbox
   * @param {import("./uploads.js").Uploads} options.uploads
   * @param {import("./reconnecting_socket.js").Environment} options.environment
   * @param {Record<string, string>} options.strings
   * @param {(state: import("./reconnecting_socket.js").State, code?: number) => void} options.onState
   */
  constructor({ url, me, timeline, outbox, uploads, environment, strings, onState }) {
    this.#me = me;
    this.#timeline = timeline;
    this.#environment = environment;
    const writes = this.#writes;
    const { you } = me;
    this.#posts = new Posts({ timeline, outbox, writes, uploads, environment, strings, you });
    uploads.subscribe(() => {
      this.#posts.uploaded();
      this.#release();
    });
    this.#pauses = new Pauses(environment, () => this.#goOn());
    this.#socket = new ReconnectingSocket({
      url,
      protocol: PROTOCOL,
      environment,
      onState: (state, code) => {
        if (state === "closed") this.#close();
        onState(state, code);
      },
      onFrame: (frame) => {
        this.#take(frame);
        this.#notify(frame.type, frame);
      },
      onLost: () => this.#lost(),
      onProbe: () => this.#resume(),
    });
  }

  /** When it tries again by itself, in milliseconds; null while it tries. */
  get retryAt() {
    return this.#socket.retryAt;
  }

  reconnect() {
    this.#socket.reconnect();
  }

  start() {
    this.#posts.adopt();
    this.#socket.start();
  }

  /**
   * Hear of every event of a type, after the connection itself has taken it.
   * @param {string} type one of the server's, or "done": a message that was no message but an act
   * @param {(event: object) => void} listener
   */
  on(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** Say something that gets no answer, or one that nobody misses. @returns {boolean} whether it could be sent */
  say(command) {
    if (this.#socket.isEstablished) this.#socket.send(command);
    return this.#socket.isEstablished;
  }

  /**
   * Do something that is committed. Waits for the socket and survives reconnects, but not the page.
   * @param {{type: string, client_id?: string}} values
   * @returns {Promise<object>} the ack; rejected with a Refusal
   */
  act(values) {
    const command = { client_id: newUuid(), ...values };
    const ack = this.#acknowledgements.wait(command.client_id);
    this.#writes.add(command);
    if (this.#isClosed) this.#close();
    this.#release();
    return ack;
  }

  /**
   * Say something. It is kept, shown as waiting, and sent as soon as that is possible.
   * @param {string} text
   * @param {number} [reply_to] the place of the message it answers
   * @param {string[]} [mentions] the ids of those whom it names, where they were chosen
   * @param {import("./outbox.js").Chosen[]} [files] it waits for them
   */
  post(text, reply_to, mentions, files) {
    this.#posts.write(text, reply_to, mentions, files);
    this.#release();
  }

  /**
   * Change, delete or react to a message. It is kept like a post, and the message is shown as it will be.
   * @param {import("../state/messages.js").Message} message as one sees it
   * @param {{type: "edit", message: string}|{type: "delete"}|{type: "react", emoji: string, on: boolean}} values
   */
  change(message, values) {
    this.#posts.change(message, values);
    this.#release();
  }

  /** Send a refused message again, under the same client_id. */
  retry(clientId) {
    this.#posts.retry(clientId);
    this.#release();
  }

  /** Say something else than what waits or was refused. @returns {boolean} false: it may be stored already */
  rewrite(clientId, text, mentions) {
    const isRewritten = this.#posts.rewrite(clientId, text, mentions);
    this.#release();
    return isRewritten;
  }

  /** Drop a message that waits or was refused. */
  discard(clientId) {
    this.#posts.discard(clientId);
  }

  /** Do not send a message that waits for its files. Those stay. */
  takeBack(clientId) {
    this.#posts.takeBack(clientId);
  }

  /** Another tab took this entry out of the outbox: it is sent, or was discarded. */
  takenOutElsewhere(clientId) {
    this.#posts.takenElsewhere(clientId);
  }

  /**
   * Take another name. Waits for the socket; a newer name takes the place of one that waits.
   * @returns {Promise<object|undefined>} the ack; undefined when a newer one took its place
   */
  rename(name) {
    this.#writes.drop(this.#renaming);
    this.#acknowledgements.replace(this.#renaming);
    this.#renaming = newUuid();
    return this.act({ type: "rename", client_id: this.#renaming, name });
  }

  /**
   * Ask for the page before a sequence. One at a time.
   * @returns {Promise<{messages: import("../state/messages.js").Message[], more: boolean}>} rejected when the
   *   socket is lost or the server cannot answer
   */
  loadHistory(before, limit) {
    if (!this.#socket.isEstablished || this.#history) return Promise.reject(new Error("not now"));
    this.#socket.send({ type: "history", before, limit });
    this.#socket.expectFrame(ANSWER_MS);
    return new Promise((resolve, reject) => {
      this.#history = { resolve, reject };
    });
  }

  #endHistory() {
    const waiter = this.#history;
    this.#history = null;
    return waiter;
  }

  #take(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "standing":
        return this.#setMe(this.#me.you, frame);
      case "changes":
        return this.#changes(frame);
      case "history":
        if (frame.around !== undefined) return; // one message, for who asked for it
        return this.#endHistory()?.resolve(frame);
      case "ack":
        return this.#ack(frame);
      case "error":
        return this.#error(frame);
    }
  }

  #notify(type, event) {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  #welcome(frame) {
    this.#socket.established();
    this.#writes.cap = frame.limits?.in_flight ?? 32;
    this.#setMe(frame.you, frame.standing);
    this.#resume();
    this.#posts.welcome(frame);
    this.#release();
  }

  #setMe(you, permissions) {
    this.#me.update(you, byOwnClock(permissions, this.#environment.now()));
  }

  #changes(frame) {
    const isIncomplete = this.#timeline.applyChanges(frame);
    if (isIncomplete && !this.#isResuming) this.#resume();
    if (!isIncomplete) {
      this.#resumed();
      this.#posts.upToDate();
    }
    this.#release();
  }

  #ack(frame) {
    const { client_id, sequence, you } = frame;
    if (you) this.#me.rename(you); // by the form, or by `/nick`
    const type = this.#writes.typeOf(client_id);
    this.#pauses.answered();
    this.#writes.drop(client_id);
    if (!this.#writes.hasType(type)) this.#pauses.relax(type);
    if (this.#acknowledgements.done(frame)) return this.#release();
    if (sequence !== undefined) this.#posts.stored(frame);
    else {
      // What was written stood for a command, and that is done.
      this.#posts.discard(client_id);
      this.#notify("done", frame);
    }
    this.#release();
  }

  #error(frame) {
    const isForAgain = AGAIN_CODES.has(frame.code) || frame.retry_after !== undefined;
    if (isForAgain) this.#again(frame);
    else if (frame.client_id) this.#refused(frame);
    else this.#endHistory()?.reject(new Error(frame.message));
    this.#release();
  }

  /** Not stored as far as is known: it goes again a little later, and what was written after it behind it. */
  #again({ client_id, code, retry_after, message }) {
    if (client_id) this.#writes.hold(client_id);
    else this.#endHistory()?.reject(new Error(message));
    if (AGAIN_CODES.has(code)) return this.#pauses.waitWithAll(retry_after);
    this.#pauses.waitWith(this.#writes.typeOf(client_id) ?? "resume", retry_after);
    this.#timeline.pendings.delay(client_id, message, this.#environment.now() + retry_after * 1000);
  }

  #goOn() {
    if (this.#isResuming) this.#resume();
    this.#release();
  }

  #refused(frame) {
    this.#writes.drop(frame.client_id);
    if (!this.#acknowledgements.refused(frame)) this.#posts.refused(frame);
  }

  #lost() {
    this.#writes.holdAll();
    this.#resumed();
    this.#pauses.clear();
    this.#endHistory()?.reject(new Error("connection lost"));
  }

  /** For good: nobody will answer. */
  #close() {
    this.#isClosed = true;
    for (const clientId of this.#acknowledgements.giveUp()) this.#writes.drop(clientId);
  }

  #resume() {
    this.#resumed();
    const { epoch, revision } = this.#timeline.cursor;
    this.#socket.send({ type: "resume", ...(epoch !== null && { epoch, after: revision }) });
    this.#isResuming = true;
    this.#resumeTimer = this.#environment.setTimeout(() => this.#resume(), ANSWER_MS);
    this.#socket.expectFrame(ANSWER_MS);
  }

  #resumed() {
    this.#isResuming = false;
    this.#environment.clearTimeout(this.#resumeTimer);
  }

  #release() {
    if (!this.#socket.isEstablished) return;
    this.#writes.release(
      (command) => {
        this.#timeline.pendings.tried(command.client_id);
        this.#socket.send(command);
      },
      (type) => this.#pauses.roomFor(type),
    );
    if (this.#writes.inFlight) this.#socket.expectFrame(ANSWER_MS);
  }
}
