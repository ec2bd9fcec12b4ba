/**
 * What one says and what one changes of it, from the key press until it is known to be stored: kept in the
 * outbox, shown in the timeline as waiting, and handed to what is to be written.
 */

import { newUuid } from "../lib/environment.js";
import { isPost } from "../state/pendings.js";

/** A message that is gone needs no deletion and takes no reaction. */
const NOT_FOUND = "not_found";
/** The server has swept the files: they waited too long for their message. */
const FILE_GONE = "file_gone";

export class Posts {
  #timeline;
  #outbox;
  #writes;
  #uploads;
  #environment;
  #strings;
  #you;
  /** The room's epoch as a `welcome` has told it; undefined while the timeline is in it. @type {string|null|undefined} */
  #nextEpoch = null;

  /**
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./outbox.js").Outbox} options.outbox
   * @param {import("./writes.js").Writes} options.writes
   * @param {import("./uploads.js").Uploads} options.uploads
   * @param {import("./reconnecting_socket.js").Environment} options.environment
   * @param {Record<string, string>} options.strings
   * @param {import("../state/messages.js").Author} options.you who writes
   */
  constructor({ timeline, outbox, writes, uploads, environment, strings, you }) {
    this.#strings = strings;
    this.#you = you;
    this.#timeline = timeline;
    this.#outbox = outbox;
    this.#writes = writes;
    this.#uploads = uploads;
    this.#environment = environment;
    timeline.subscribe(({ settled = [] }) => {
      for (const clientId of settled) {
        uploads.settle(idsOf(outbox.get(clientId)));
        this.#outbox.remove(clientId);
        this.#writes.drop(clientId);
      }
    });
  }

  /**
   * @param {string} text
   * @param {number} [reply_to] the place of the message it answers
   * @param {string[]} [mentions] the ids of those whom it names, where they were chosen
   * @param {import("./outbox.js").Chosen[]} [files] it is sent when they are stored
   */
  write(text, reply_to, mentions, files = []) {
    const message = wellFormed(text);
    const entry = {
      client_id: newUuid(),
      message,
      at: this.#environment.now(),
      reply_to,
      mentions,
      ...(files.length && { files }),
    };
    this.#enqueue(this.#outbox.put(entry));
  }

  /**
   * Change a message, stored or waiting.
   * @param {{client_id: string, sequence?: number, revision?: number}} message as one sees it
   * @param {{type: "edit", message: string, mentions?: string[]}|{type: "delete"}|{type: "react", emoji: string, on: boolean}} values
   */
  change({ client_id: target, ...seen }, values) {
    const { pendings } = this.#timeline;
    const now = seen.sequence ? seen : (this.#timeline.find(target) ?? pendings.get(target) ?? {});
    const { sequence, revision = 0 } = now;
    const edits = pendings.changesOf(target).filter(({ type }) => type === "edit");
    const entry = {
      client_id: newUuid(),
      at: this.#environment.now(),
      target,
      sequence,
      revision: Math.max(revision, ...edits.map((edit) => edit.revision ?? 0)),
      epoch: this.#timeline.cursor.epoch,
      ...values,
      message: wellFormed(values.message ?? ""),
    };
    this.#enqueue(this.#outbox.put(entry));
  }

  /** Take what is in the outbox from an earlier page, or from a tab that was closed. */
  adopt() {
    for (const entry of this.#outbox.entries) {
      if (this.#timeline.find(entry.client_id)) this.#outbox.remove(entry.client_id);
      else if (entry.reason !== undefined) this.#adoptRefused(entry);
      else if (!this.#writes.has(entry.client_id)) this.#enqueue({ ...entry, isTried: true });
    }
  }

  /** Take a `welcome`. In another epoch of the room a place is that of another message. */
  welcome({ epoch = null, you }) {
    if (you.id !== this.#you.id) this.#changeOwner(you);
    this.#nextEpoch = epoch;
    for (const change of this.#timeline.pendings.changesOf())
      if (!this.#hasPlace(change)) this.#writes.drop(change.client_id);
    this.adopt();
  }

  /** The timeline is up to date. */
  upToDate() {
    this.#nextEpoch = undefined;
    for (const change of this.#timeline.pendings.changesOf()) this.#findPlace(change);
  }

  /** An upload has come further: the posts that wait for it may go, or fail with it. */
  uploaded() {
    for (const post of this.#timeline.pendings.waiting) if (post.files) this.#sendStored(post);
  }

  /** Take an `ack`: what is to follow on it may go. A reaction tells nothing of the text that an edit replaces. */
  stored(ack) {
    const pending = this.#timeline.pendings.get(ack.client_id);
    this.#timeline.acknowledge(ack);
    if (pending && pending.type !== "react") this.#goOn(pending.target ?? ack.client_id, ack);
  }

  /**
   * The server refused it: it stays in sight until its author decides. (Unless another tab has taken it out of the
   * outbox: that one got it stored, and was quicker with what followed on it.)
   */
  refused({ client_id, code, message: reason, files }) {
    const pending = this.#timeline.pendings.get(client_id);
    if (!pending) return;
    const isMoot = code === NOT_FOUND && (pending.type === "delete" || pending.type === "react");
    if (isMoot || !this.#outbox.has(client_id)) return this.discard(client_id);
    if (code === FILE_GONE) this.#expire(pending, files);
    this.#outbox.keep({ ...pending, reason });
    this.#timeline.pendings.fail(client_id, reason);
  }

  /** @param {string[]} [keys] which of its files are gone; all, unless that is told */
  #expire(post, keys) {
    const isGone = (id) => !keys || keys.includes(this.#uploads.get(id).key);
    this.#uploads.expire(idsOf(post).filter(isGone));
  }

  /**
   * A refused one goes again, under the same client_id. An edit takes the place of what one sees now, and a post goes
   * without the files that this browser has lost.
   */
  retry(clientId) {
    const pending = this.#timeline.pendings.get(clientId);
    if (pending?.state !== "failed") return;
    const { revision = pending.revision } = this.#timeline.find(pending.target) ?? {};
    const files = pending.files?.filter(({ id }) => this.#uploads.get(id).state !== "lost");
    if (files?.length === 0 && !pending.message) return this.discard(clientId);
    this.#enqueue(this.#outbox.put({ ...pending, files, revision, reason: undefined }));
  }

  /**
   * Say something else instead, as long as it is certain that nothing is stored.
   * @returns {boolean} false: it is not
   */
  rewrite(clientId, text, mentions) {
    const pending = this.#timeline.pendings.get(clientId);
    if (!pending || !isPost(pending) || pending.isTried || pending.state === "sent") return false;
    const values = { message: wellFormed(text), mentions, reason: undefined };
    this.#enqueue(this.#outbox.keep({ ...pending, ...values }));
    return true;
  }

  /** It is not wanted any more, or it stood for an act that is done. */
  discard(clientId) {
    this.#uploads.drop(idsOf(this.#outbox.get(clientId)));
    this.takeBack(clientId);
  }

  /** It is written anew, with the same files. */
  takeBack(clientId) {
    for (const change of this.#timeline.pendings.changesOf(clientId))
      this.discard(change.client_id);
    this.#outbox.remove(clientId);
    this.#writes.drop(clientId);
    this.#timeline.pendings.forget(clientId);
  }

  /** Another tab took it out of the outbox. One that is on its way from here gets its answer. */
  takenElsewhere(clientId) {
    const { state } = this.#timeline.pendings.get(clientId) ?? {};
    if (state === "sent" || this.#writes.isInFlight(clientId)) return;
    this.#writes.drop(clientId);
    this.#timeline.pendings.forget(clientId);
  }

  /**
   * One is somebody else now. What waits is not said under another name unless one wants that. (A guest whose
   * browser keeps no cookie is somebody else on each connection, and means the same.)
   */
  #changeOwner(you) {
    const isGuestStill = !this.#you.verified && !you.verified;
    const waiting = this.#timeline.pendings.waiting;
    this.#you = you;
    this.#outbox.owner = you.id;
    for (const entry of waiting) {
      if (isGuestStill) this.#outbox.keep(entry);
      else this.#hold(entry);
    }
  }

  /** The other's uploads are not one's own. */
  #hold(entry) {
    this.#writes.drop(entry.client_id);
    this.#uploads.expire(idsOf(entry));
    this.#timeline.pendings.fail(entry.client_id, this.#strings.written_as_other);
  }

  #adoptRefused(entry) {
    this.#timeline.pendings.add(entry);
    this.#timeline.pendings.fail(entry.client_id, entry.reason);
  }

  #enqueue(entry) {
    this.#timeline.pendings.add(entry);
    if (entry.files?.length) this.#begin(entry);
    else if (isPost(entry) || this.#hasPlace(entry)) this.#writes.add(commandOf(entry));
    else if (this.#nextEpoch === undefined) this.#findPlace(entry);
  }

  #begin(post) {
    this.#uploads.begin(idsOf(post));
    this.#sendStored(post);
  }

  #sendStored(post) {
    const uploads = idsOf(post).map((id) => this.#uploads.get(id));
    const failed = post.files.find(({ id }) => this.#uploads.hasFailed(id));
    if (failed) {
      const { reason } = this.#uploads.get(failed.id);
      this.refused({ client_id: post.client_id, message: reason });
    } else if (uploads.every(({ state }) => state === "stored"))
      this.#writes.add({ ...commandOf(post), ...filesOf(post, uploads) });
  }

  get #epoch() {
    return this.#nextEpoch === undefined ? this.#timeline.cursor.epoch : this.#nextEpoch;
  }

  /** Where the message of a change stands is known. In another epoch another one stands there. */
  #hasPlace({ sequence, epoch }) {
    return sequence !== undefined && (!epoch || epoch === this.#epoch);
  }

  /** Its message may wait itself. If that is neither waiting nor held, the change stays in sight. */
  #findPlace(change) {
    const { client_id, target } = change;
    if (this.#hasPlace(change) || this.#timeline.pendings.get(target)) return;
    const { sequence, revision } = this.#timeline.find(target) ?? {};
    if (sequence) this.#amend(change, { sequence, revision });
    else this.refused({ client_id, message: this.#strings.reply_gone });
  }

  /** A message is known to stand at this place, in this state: further changes of it are made to that. */
  #goOn(target, { sequence, revision }) {
    for (const change of this.#timeline.pendings.changesOf(target)) {
      if (change.state !== "waiting") continue;
      this.#amend(change, { sequence, revision: Math.max(change.revision ?? 0, revision) });
    }
  }

  #amend(change, values) {
    this.#enqueue(this.#outbox.keep({ ...change, ...values, epoch: this.#epoch }));
  }
}

function wellFormed(text) {
  return text.toWellFormed?.() ?? text;
}

/** @returns {string[]} */
function idsOf(entry) {
  return (entry?.files ?? []).map(({ id }) => id);
}

function filesOf({ files }, uploads) {
  return { files: uploads.map(({ key }) => key), alts: files.map(({ alt = "" }) => alt) };
}

function commandOf({
  type = "post",
  client_id,
  sequence,
  message,
  revision,
  reply_to,
  mentions,
  emoji,
  on,
}) {
  switch (type) {
    case "post":
      return { type, client_id, message, reply_to, mentions };
    case "edit":
      return { type, client_id, sequence, message, revision, mentions };
    case "react":
      return { type, client_id, sequence, emoji, on };
    default:
      return { type, client_id, sequence };
  }
}
