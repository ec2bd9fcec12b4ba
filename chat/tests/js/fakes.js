/** Stand-ins for what a browser gives: time, sockets, storage. */

import { webcrypto } from "node:crypto";
import { Connection } from "lobby/net/connection";
import { FileStore } from "lobby/net/file_store";
import { Outbox } from "lobby/net/outbox";
import { Uploads } from "lobby/net/uploads";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";

// Node 18 has it, but not under the name that browsers give it.
globalThis.crypto ??= webcrypto;

export const ALICE = { id: "alice", name: "Alice", verified: false };
export const BOB = { id: "bob", name: "Bob", verified: false };
export const EPOCH = "e1";

/** Time that moves only when a test says so. */
export class FakeClock {
  now = 1_000_000;
  #timers = new Map();
  #lastId = 0;

  setTimeout = (callback, ms) => {
    this.#timers.set(++this.#lastId, { callback, at: this.now + ms });
    return this.#lastId;
  };

  clearTimeout = (id) => {
    this.#timers.delete(id);
  };

  advance(ms) {
    const end = this.now + ms;
    for (;;) {
      const [id, timer] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!timer || timer.at > end) break;
      this.#timers.delete(id);
      this.now = timer.at;
      timer.callback();
    }
    this.now = end;
  }
}

/** A socket whose other side is the test. */
class FakeSocket extends EventTarget {
  sent = [];
  isClosed = false;

  constructor(url, protocols) {
    super();
    this.url = url;
    this.protocols = protocols;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  receive(frame) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  end(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

/** What `localStorage` does, for several tabs at once. */
export class FakeStorage {
  #items = new Map();
  isFull = false;

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    this.#items.set(key, value);
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

/** What the server is asked about files. The test answers, or a file is stored at once. */
export class FakeFileServer {
  /** @type {{type: "promise"|"put"|"remove", values: any, signal?: AbortSignal, progress?: Function, answer: Function}[]} */
  asked = [];
  storesAtOnce = true;
  #lastKey = 0;

  promise = (file, signal) => this.#ask("promise", file, { signal });

  put = (ticket, blob, signal, progress) =>
    this.#ask("put", { ...ticket, blob }, { signal, progress });

  remove = (key) => this.#ask("remove", key);

  /** Those of one type. */
  of(type) {
    return this.asked.filter((one) => one.type === type);
  }

  #ask(type, values, more = {}) {
    return new Promise((resolve) => {
      const answer = (status, body = {}, retryAfter = undefined) =>
        resolve({ status, answer: body, retryAfter });
      more.signal?.addEventListener("abort", () => answer(0));
      this.asked.push({ type, values, ...more, answer });
      if (this.storesAtOnce) this.#store(type, values, answer);
    });
  }

  #store(type, values, answer) {
    if (type === "promise") {
      const id = `key-${++this.#lastKey}`;
      answer(201, { id, url: `/files/${id}/`, ticket: `ticket of ${id}`, expires_in: 1800 });
    } else answer(200, { id: values.url?.split("/")[2] });
  }
}

/** Until everything is done that waits for no clock and no server. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

export function makeFile(id, more = {}) {
  return { id, name: `${id}.txt`, size: 3, type: "text/plain", kind: "file", ...more };
}

export function makeMessage(sequence, more = {}) {
  const message = more.message ?? `text ${sequence}`;
  return {
    sequence,
    revision: sequence,
    author: BOB,
    message,
    html: message,
    sent_at: "2026-11-20T10:00:00Z",
    client_id: `client-${sequence}`,
    ...more,
  };
}

export function makeMessages(from, to) {
  return Array.from({ length: to - from + 1 }, (_, index) => makeMessage(from + index));
}

/** A live `changes` frame of one message, right after the revision before it. */
export function liveFrame(message, more = {}) {
  const { revision } = message;
  return {
    type: "changes",
    epoch: EPOCH,
    after: revision - 1,
    revision,
    messages: [message],
    ...more,
  };
}

export function resetFrame(messages, more = {}) {
  const revision = Math.max(0, ...messages.map((message) => message.revision));
  return { type: "changes", epoch: EPOCH, after: 0, revision, messages, reset: true, ...more };
}

/** One tab: everything but the drawing, with a server played by the test. */
export class Tab {
  sockets = [];
  states = [];
  files = new FakeFileServer();
  clock;
  me;
  timeline;

  constructor({
    storage = new FakeStorage(),
    clock = new FakeClock(),
    random = () => 1,
    owner = "alice",
    files = new FileStore(),
  } = {}) {
    this.clock = clock;
    this.me = new Me({ ...ALICE, id: owner });
    this.timeline = new Timeline(this.me);
    this.outbox = new Outbox({ storage, room: "lobby", owner });
    this.window = new EventTarget();
    this.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    const { sockets } = this;
    class TabSocket extends FakeSocket {
      constructor(...options) {
        super(...options);
        sockets.push(this);
      }
    }
    const environment = {
      WebSocket: TabSocket,
      setTimeout: clock.setTimeout,
      clearTimeout: clock.clearTimeout,
      now: () => clock.now,
      random,
      window: this.window,
      document: this.document,
    };
    const strings = {
      reply_gone: "gone",
      written_as_other: "of somebody else",
      file_lost: "lost",
      file_failed: "failed",
    };
    this.uploads = new Uploads({ store: files, requests: this.files, environment, strings });
    this.connection = new Connection({
      url: "ws://test/ws/chat/lobby/",
      me: this.me,
      timeline: this.timeline,
      outbox: this.outbox,
      uploads: this.uploads,
      environment,
      strings,
      onState: (...state) => this.states.push(state),
    });
    this.connection.start();
  }

  get socket() {
    return this.sockets.at(-1);
  }

  get state() {
    return this.states.at(-1)?.[0] ?? "connecting";
  }

  /** Frames of one type that this tab's newest socket sent. */
  sent(type) {
    return this.socket.sent.filter((frame) => frame.type === type);
  }

  welcome(more = {}) {
    const limits = { message: 4000, name: 40, frame: 65_536, in_flight: 32 };
    this.socket.receive({
      type: "welcome",
      room: "lobby",
      epoch: EPOCH,
      you: ALICE,
      standing: {},
      limits,
      ...more,
    });
    return this;
  }

  /** Welcomed, and told all there is. */
  open(messages = []) {
    this.welcome();
    this.socket.receive(resetFrame(messages));
    return this;
  }

  receive(frame) {
    this.socket.receive(frame);
  }

  ack(post, sequence) {
    this.receive({ type: "ack", client_id: post.client_id, sequence, revision: sequence });
  }

  refuse(post, code, more = {}) {
    this.receive({
      type: "error",
      code,
      message: `refused: ${code}`,
      client_id: post.client_id,
      ...more,
    });
  }

  wake(target, type, details = {}) {
    target.dispatchEvent(Object.assign(new Event(type), details));
  }
}
