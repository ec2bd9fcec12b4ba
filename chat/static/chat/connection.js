/**
 * The conversation with the server (docs/PROTOCOL.md, `chat.v1`): resumes from the timeline's cursor,
 * sends what waits in the outbox until it is known to be stored, and asks for history.
 */

import { Acts } from "lobby/acts";
import { History } from "lobby/history";
import { LastingSocket } from "lobby/lasting_socket";
import { Pauses } from "lobby/pauses";
import { newUuid } from "lobby/uuid";
import { Writes } from "lobby/writes";

const PROTOCOL = "chat.v1";
/** The server tells a poster to try again within about 10 s of losing its database. */
const ANSWER_MS = 15_000;
const AGAIN_CODES = new Set(["busy", "unavailable"]);

export class Connection {
  #timeline;
  #outbox;
  #environment;
  #onWelcome;
  /** @type {LastingSocket} */
  #socket;
  #writes = new Writes();
  #acts = new Acts();
  /** @type {Pauses} */
  #pauses;
  #isClosed = false;
  #isResuming = false;
  #resumeTimer;
  /** @type {History} */
  #history;
  /** The client_id of the newest rename. */
  #renaming = "";
  /** @type {Map<string, ((event: object) => void)[]>} */
  #listeners = new Map();

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
    this.#history = new History(timeline);
    this.#pauses = new Pauses(environment, () => this.#goOn());
    this.#socket = new LastingSocket({
      url,
      protocol: PROTOCOL,
      environment,
      onState: (state, code) => {
        if (state === "closed") this.#close();
        onState(state, code);
      },
      onFrame: (frame) => {
        this.#take(frame);
        this.#tell(frame.type, frame);
      },
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
   * @param {{type: string}} command without its client_id
   * @returns {Promise<object>} the ack; rejected with a Refusal of "lobby/acts"
   */
  act(command) {
    return this.#act({ client_id: newUuid(), ...command });
  }

  /**
   * Say something. It is kept, shown as waiting, and sent as soon as that is possible.
   * @param {string} text
   * @param {number} [reply_to] the place of the message it answers
   */
  post(text, reply_to) {
    const message = text.toWellFormed?.() ?? text;
    const entry = { client_id: newUuid(), message, at: this.#environment.now(), reply_to };
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
  async rename(name) {
    this.#writes.drop(this.#renaming);
    this.#acts.replace(this.#renaming);
    this.#renaming = newUuid();
    const ack = await this.#act({ type: "rename", client_id: this.#renaming, name });
    return ack?.you;
  }

  /**
   * Ask for the page before a sequence and put it into the timeline. One at a time.
   * @returns {Promise<void>} rejected when the socket is lost or the server cannot answer
   */
  loadHistory(before, limit) {
    if (!this.#socket.isEstablished || this.#history.isAsked)
      return Promise.reject(new Error("not now"));
    this.#socket.send({ type: "history", before, limit });
    this.#socket.expectFrame(ANSWER_MS);
    return this.#history.ask(before);
  }

  #take(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "changes":
        return this.#changes(frame);
      case "history":
        return this.#history.answer(frame);
      case "ack":
        return this.#ack(frame);
      case "error":
        return this.#error(frame);
    }
  }

  #tell(type, event) {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  #act(command) {
    const ack = this.#acts.wait(command.client_id);
    this.#writes.add(command);
    if (this.#isClosed) this.#close();
    this.#release();
    return ack;
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

  #ack(frame) {
    const { client_id, sequence } = frame;
    const type = this.#writes.typeOf(client_id);
    this.#pauses.answered();
    this.#writes.drop(client_id);
    if (!this.#writes.hasType(type)) this.#pauses.relax(type);
    if (this.#acts.done(frame)) return this.#release();
    if (sequence !== undefined) this.#timeline.acknowledge(frame);
    else this.#wasAnAct(frame);
    this.#release();
  }

  /** What was written stood for a command, and that is done. */
  #wasAnAct(frame) {
    this.discard(frame.client_id);
    this.#tell("done", frame);
  }

  #error(frame) {
    const isForAgain = AGAIN_CODES.has(frame.code) || frame.retry_after !== undefined;
    if (isForAgain) this.#again(frame);
    else if (frame.client_id) this.#refused(frame);
    else this.#history.giveUp(frame.message);
    this.#release();
  }

  /** Not stored as far as is known: it goes again a little later, and what was written after it behind it. */
  #again({ client_id, code, retry_after, message }) {
    if (client_id) this.#writes.hold(client_id);
    else this.#history.giveUp(message);
    if (AGAIN_CODES.has(code)) return this.#pauses.waitWithAll(retry_after);
    this.#pauses.waitWith(this.#writes.typeOf(client_id) ?? "resume", retry_after);
    this.#timeline.holdBack(client_id, message, this.#environment.now() + retry_after * 1000);
  }

  #goOn() {
    if (this.#isResuming) this.#resume();
    this.#release();
  }

  #refused(frame) {
    const { client_id, message } = frame;
    this.#writes.drop(client_id);
    if (this.#acts.refused(frame)) return;
    const pending = this.#timeline.pendingOf(client_id);
    if (pending) this.#outbox.putRefused(pending, message);
    this.#timeline.fail(client_id, message);
  }

  #lost() {
    this.#writes.holdAll();
    this.#resumed();
    this.#pauses.clear();
    this.#history.giveUp("connection lost");
  }

  /** For good: nobody will answer. */
  #close() {
    this.#isClosed = true;
    for (const clientId of this.#acts.giveUp()) this.#writes.drop(clientId);
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
    const { client_id, message, reply_to } = entry;
    this.#writes.add({ type: "post", client_id, message, reply_to });
  }

  #settle(clientId) {
    this.#outbox.remove(clientId);
    this.#writes.drop(clientId);
  }

  #release() {
    if (!this.#socket.isEstablished) return;
    this.#writes.release(
      (command) => this.#socket.send(command),
      (type) => this.#pauses.roomFor(type),
    );
    this.#expectAnswers();
  }

  #expectAnswers() {
    if (this.#writes.inFlight) this.#socket.expectFrame(ANSWER_MS);
  }
}
