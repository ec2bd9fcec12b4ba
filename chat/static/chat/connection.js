/**
 * The conversation with the server (docs/PROTOCOL.md, `chat.v1`): resumes from the timeline's cursor,
 * sends what waits in the outbox until it is known to be stored, and asks for history.
 */

import { backoffMs } from "lobby/backoff";
import { LastingSocket } from "lobby/lasting_socket";
import { newUuid } from "lobby/uuid";
import { Writes } from "lobby/writes";

const PROTOCOL = "chat.v1";
/** The server tells a poster to try again within about 10 s of losing its database. */
const ANSWER_MS = 15_000;
const AGAIN_CODES = new Set(["busy", "unavailable"]);

/** @typedef {{resolve: (value?: any) => void, reject: (reason: Error) => void}} Waiter */

export class Connection {
  #timeline;
  #outbox;
  #environment;
  #onWelcome;
  /** @type {LastingSocket} */
  #socket;
  #writes = new Writes();
  #isResuming = false;
  #resumeTimer;
  #pauseTimer;
  #pauses = 0;
  /** @type {{before: number, epoch: string} & Waiter|null} */
  #history = null;
  /** @type {{client_id: string} & Waiter|null} */
  #rename = null;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {import("lobby/outbox").Outbox} options.outbox
   * @param {import("lobby/lasting_socket").Environment} options.environment
   * @param {(state: import("lobby/lasting_socket").State, code?: number) => void} options.onState
   * @param {(welcome: object) => void} options.onWelcome
   */
  constructor({ url, timeline, outbox, environment, onState, onWelcome }) {
    this.#timeline = timeline;
    this.#outbox = outbox;
    this.#environment = environment;
    this.#onWelcome = onWelcome;
    this.#socket = new LastingSocket({
      url,
      protocol: PROTOCOL,
      environment,
      onState,
      onFrame: (frame) => this.#take(frame),
      onLost: () => this.#lost(),
      onDoubt: () => this.#resume(),
    });
    timeline.subscribe(({ settled = [] }) => {
      for (const clientId of settled) this.#settle(clientId);
    });
  }

  start() {
    this.#adoptOutbox();
    this.#socket.start();
  }

  /** Say something. It is kept, shown as waiting, and sent as soon as that is possible. */
  post(text) {
    const message = text.toWellFormed?.() ?? text;
    const entry = { client_id: newUuid(), message, at: this.#environment.now() };
    this.#enqueue(this.#outbox.put(entry));
    this.#release();
  }

  /** Send a refused message again, under the same client_id. */
  retry(clientId) {
    const pending = this.#timeline.pendingOf(clientId);
    if (pending?.state !== "failed") return;
    this.#timeline.retry(clientId);
    this.#enqueue(this.#outbox.put(pending));
    this.#release();
  }

  /** Drop a refused message. */
  discard(clientId) {
    this.#outbox.remove(clientId);
    this.#timeline.forget(clientId);
  }

  /** Another tab took this entry out of the outbox. A tab that is connected hears of it from the server. */
  takenOutElsewhere(clientId) {
    if (this.#socket.isEstablished || this.#timeline.pendingOf(clientId)?.state !== "waiting")
      return;
    this.#writes.drop(clientId);
    this.#timeline.forget(clientId);
  }

  /**
   * Take another name. Waits for the socket; a newer name takes the place of one that waits.
   * @returns {Promise<import("lobby/timeline").Author|undefined>} undefined when a newer one took its place
   */
  rename(name) {
    if (this.#rename) {
      this.#writes.drop(this.#rename.client_id);
      this.#rename.resolve();
    }
    const client_id = newUuid();
    return new Promise((resolve, reject) => {
      this.#rename = { client_id, resolve, reject };
      this.#writes.add({ type: "rename", client_id, name });
      this.#release();
    });
  }

  /**
   * Ask for the page before a sequence and put it into the timeline. One at a time.
   * @returns {Promise<void>} rejected when the socket is lost or the server cannot answer
   */
  loadHistory(before, limit) {
    if (!this.#socket.isEstablished || this.#history) return Promise.reject(new Error("not now"));
    return new Promise((resolve, reject) => {
      this.#history = { before, epoch: this.#timeline.cursor.epoch, resolve, reject };
      this.#socket.send({ type: "history", before, limit });
      this.#socket.expectFrame(ANSWER_MS);
    });
  }

  #take(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "changes":
        return this.#changes(frame);
      case "history":
        return this.#historyPage(frame);
      case "ack":
        return this.#ack(frame);
      case "error":
        return this.#error(frame);
    }
  }

  #welcome(frame) {
    this.#socket.established();
    this.#writes.cap = frame.limits?.in_flight ?? 32;
    this.#onWelcome(frame);
    this.#resume();
    this.#adoptOutbox();
    this.#release();
  }

  #changes(frame) {
    const isIncomplete = this.#timeline.applyChanges(frame);
    if (!isIncomplete) this.#resumed();
    else if (!this.#isResuming) this.#resume();
    this.#expectAnswers();
  }

  #historyPage(frame) {
    const history = this.#history;
    this.#history = null;
    if (!history) return;
    if (history.epoch === this.#timeline.cursor.epoch)
      this.#timeline.applyHistory(frame, history.before);
    history.resolve();
  }

  #ack(frame) {
    this.#pauses = 0;
    if (frame.client_id === this.#rename?.client_id) {
      this.#rename.resolve(frame.you);
      this.#rename = null;
    } else if (frame.sequence !== undefined) {
      this.#timeline.acknowledge(frame);
    }
    this.#writes.drop(frame.client_id);
    this.#release();
  }

  #error(frame) {
    const isForAgain = AGAIN_CODES.has(frame.code) || frame.retry_after !== undefined;
    if (isForAgain) this.#again(frame);
    else if (frame.client_id) this.#refused(frame);
    else this.#rejectHistory(frame.message);
    this.#release();
  }

  /** Not stored as far as is known: everything that waits goes again, in order and a little later. */
  #again({ client_id, retry_after, message }) {
    if (client_id) this.#writes.hold(client_id);
    else this.#rejectHistory(message);
    if (this.#pauseTimer) return;
    const { setTimeout, random } = this.#environment;
    const ms = retry_after === undefined ? backoffMs(this.#pauses++, random) : retry_after * 1000;
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      if (this.#isResuming) this.#resume();
      this.#release();
    }, ms);
  }

  #refused({ client_id, message }) {
    this.#writes.drop(client_id);
    if (client_id === this.#rename?.client_id) {
      this.#rename.reject(new Error(message));
      this.#rename = null;
      return;
    }
    const pending = this.#timeline.pendingOf(client_id);
    if (pending) this.#outbox.putRefused(pending, message);
    this.#timeline.fail(client_id, message);
  }

  #rejectHistory(reason) {
    this.#history?.reject(new Error(reason));
    this.#history = null;
  }

  #lost() {
    this.#writes.holdAll();
    this.#resumed();
    this.#environment.clearTimeout(this.#pauseTimer);
    this.#pauseTimer = undefined;
    this.#rejectHistory("connection lost");
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

  /** Entries of an earlier page, or of a tab that was closed, are sent from here. */
  #adoptOutbox() {
    for (const entry of this.#outbox.entries) {
      if (this.#timeline.holds(entry.client_id)) this.#outbox.remove(entry.client_id);
      else if (entry.reason !== undefined) this.#adoptRefused(entry);
      else if (!this.#writes.has(entry.client_id)) this.#enqueue(entry);
    }
  }

  /** It was refused before: its author decides whether it goes again. */
  #adoptRefused(entry) {
    this.#timeline.addPending(entry);
    this.#timeline.fail(entry.client_id, entry.reason);
  }

  #enqueue(entry) {
    this.#timeline.addPending(entry);
    this.#writes.add({ type: "post", client_id: entry.client_id, message: entry.message });
  }

  #settle(clientId) {
    this.#outbox.remove(clientId);
    this.#writes.drop(clientId);
  }

  #release() {
    if (!this.#socket.isEstablished || this.#pauseTimer) return;
    this.#writes.release((command) => this.#socket.send(command));
    this.#expectAnswers();
  }

  #expectAnswers() {
    if (this.#writes.inFlight) this.#socket.expectFrame(ANSWER_MS);
  }
}
