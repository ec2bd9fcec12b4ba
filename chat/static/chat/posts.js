/**
 * What one says, from the key press until it is known to be stored: kept in the outbox, shown in the
 * timeline as waiting, and handed to what is to be written.
 */

import { newUuid } from "lobby/uuid";

export class Posts {
  #timeline;
  #outbox;
  #writes;
  #environment;

  /**
   * @param {object} options
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {import("lobby/outbox").Outbox} options.outbox
   * @param {import("lobby/writes").Writes} options.writes
   * @param {import("lobby/lasting_socket").Environment} options.environment
   */
  constructor({ timeline, outbox, writes, environment }) {
    this.#timeline = timeline;
    this.#outbox = outbox;
    this.#writes = writes;
    this.#environment = environment;
    timeline.subscribe(({ settled = [] }) => {
      for (const clientId of settled) this.#settle(clientId);
    });
  }

  /**
   * @param {string} text
   * @param {number} [reply_to] the place of the message it answers
   */
  write(text, reply_to) {
    const message = text.toWellFormed?.() ?? text;
    const entry = { client_id: newUuid(), message, at: this.#environment.now(), reply_to };
    this.#enqueue(this.#outbox.put(entry));
  }

  /** Take what is in the outbox from an earlier page, or from a tab that was closed. */
  adopt() {
    for (const entry of this.#outbox.entries) {
      if (this.#timeline.holds(entry.client_id)) this.#outbox.remove(entry.client_id);
      else if (entry.reason !== undefined) this.#adoptRefused(entry);
      else if (!this.#writes.has(entry.client_id)) this.#enqueue(entry);
    }
  }

  /** The server refused it: it stays in sight until its author decides. */
  refused({ client_id, message: reason }) {
    const pending = this.#timeline.pendings.get(client_id);
    if (pending) this.#outbox.putRefused(pending, reason);
    this.#timeline.pendings.fail(client_id, reason);
  }

  /** A refused one goes again, under the same client_id. */
  retry(clientId) {
    const pending = this.#timeline.pendings.get(clientId);
    if (pending?.state !== "failed") return;
    this.#timeline.pendings.retry(clientId);
    this.#enqueue(this.#outbox.put(pending));
  }

  /** It is not wanted any more, or it stood for an act that is done. */
  discard(clientId) {
    this.#outbox.remove(clientId);
    this.#timeline.pendings.forget(clientId);
  }

  /** It is no longer in the outbox: one that waits here is not ours to send. */
  letGo(clientId) {
    if (this.#timeline.pendings.get(clientId)?.state !== "waiting") return;
    this.#writes.drop(clientId);
    this.#timeline.pendings.forget(clientId);
  }

  #adoptRefused(entry) {
    this.#timeline.pendings.add(entry);
    this.#timeline.pendings.fail(entry.client_id, entry.reason);
  }

  #enqueue(entry) {
    this.#timeline.pendings.add(entry);
    const { client_id, message, reply_to } = entry;
    this.#writes.add({ type: "post", client_id, message, reply_to });
  }

  #settle(clientId) {
    this.#outbox.remove(clientId);
    this.#writes.drop(clientId);
  }
}
