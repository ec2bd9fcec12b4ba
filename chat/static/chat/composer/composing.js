/**
 * What one writes: joins the composer with what the text answers or replaces, with completions, with the reason
 * why nothing can be said, and with the connection.
 */

import { fill, pageLocale } from "../lib/strings.js";
import { isPost } from "../state/pendings.js";
import { moderates, mutedUntil, silencedBy } from "../state/permissions.js";
import { Attaching } from "./attaching.js";
import { CompletionList, completions, isCommand } from "./completion.js";
import { Composer } from "./composer.js";
import {
  begunEmoji,
  begunName,
  emojiCompletions,
  mentionCompletions,
  mentionedIn,
} from "./mentioning.js";
import { Target } from "./target.js";
import { offerEnter, offerFormats } from "./writing_keys.js";

/** So many messages back, their authors are offered where a name is written. */
const SPOKE_LAST = 200;
/** `setTimeout` counts no further. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class Composing {
  /** @type {Composer} */
  composer;
  #parts;
  /** @type {Attaching} */
  #attaching;
  /** @type {Target} */
  #target;
  /** @type {CompletionList} */
  #completions;
  /** Whom one has chosen where a name was written. @type {import("./mentioning.js").Named[]} */
  #chosen = [];
  /** People who are here, as the server has found them for `query`: where there are many. */
  #found = { query: "", people: [] };
  /** Why nothing can be said. */
  #silence;
  #silenceTimer;
  #page;
  #when = new Intl.DateTimeFormat(pageLocale(), { dateStyle: "medium", timeStyle: "short" });

  /**
   * @param {HTMLElement} page
   * @param {import("../pages/room.js").Parts} parts
   */
  constructor(page, parts) {
    const { strings, draft } = parts;
    this.#parts = parts;
    this.#page = page;
    this.#silence = page.querySelector("#silence");
    this.#attaching = new Attaching(page, parts, () => this.composer.focus());
    this.composer = new Composer(page.querySelector("#composer"), {
      strings,
      draft,
      attachments: this.#attaching.attachments,
      onSend: (text) => this.#send(text),
      onUp: () => this.#editLast(),
      onEscape: () => this.#target.isOn && this.#target.cancel(),
    });
    this.#target = new Target(page.querySelector("#purpose"), {
      strings,
      composer: this.composer,
      timeline: parts.timeline,
    });
    if (draft.reply) this.reply(draft.reply);
    this.#completions = new CompletionList(page.querySelector("#completions"), {
      input: page.querySelector("#chat-message-input"),
      told: page.querySelector(".completions-told"),
      words: strings.completions,
      complete: (text, caret) => this.#complete(text, caret),
      write: ({ text, person }) => {
        if (person) this.#chosen.push(person);
        this.composer.write(text);
      },
    });
    this.#offerEmoji(page.querySelector("#emoji-button"));
    offerFormats(page, strings);
    offerEnter(page.querySelector("#enter-sends"), page.querySelector("#chat-message-input"));
    this.#listen();
  }

  /** Go on with what was half written on an earlier page. @param {string[]} sentEarly what was sent before this script was here */
  start(sentEarly) {
    const { draft, timeline } = this.#parts;
    const { edit } = draft;
    draft.edit = undefined;
    this.composer.start(sentEarly);
    if (!edit) return;
    const isHere = edit.epoch === timeline.cursor.epoch; // else another message stands there
    if (isHere) this.edit(edit);
    const written = isHere ? "" : this.composer.text;
    this.composer.write([written, edit.text].filter(Boolean).join("\n"));
  }

  /** The next text answers this message. */
  reply(message) {
    this.#target.reply(message);
  }

  /** Quote a message below what is written. */
  quote({ message }) {
    const before = this.composer.text.trimEnd();
    const quoted = message.replace(/^/gm, "> ");
    this.composer.write([...(before ? [before] : []), quoted, ""].join("\n"));
    this.composer.focus();
  }

  /** The next text takes this message's place. */
  edit(message) {
    this.#target.edit(message);
  }

  /** Write a post anew that waits for its files. What is written there already stands below it. */
  takeBack(clientId) {
    const { timeline, connection, uploads } = this.#parts;
    const { attachments } = this.#attaching;
    const { message, files } = timeline.pendings.get(clientId);
    this.composer.focus();
    if (files.every(({ id }) => uploads.get(id).state === "stored")) return; // It is on its way.
    if (attachments.isEmpty) {
      connection.takeBack(clientId);
      attachments.adopt(files);
    } else connection.discard(clientId);
    this.composer.write([message, this.composer.text].filter(Boolean).join("\n"));
  }

  /** Change what waits to be sent, or was refused. */
  rewrite(clientId) {
    const { timeline, connection } = this.#parts;
    const pending = timeline.pendings.all.find(({ client_id }) => client_id === clientId);
    if (isPost(pending)) return this.edit(pending);
    this.edit(timeline.find(pending.target));
    this.composer.write(pending.message);
    connection.discard(clientId);
  }

  /** @param {HTMLButtonElement} button */
  #offerEmoji(button) {
    button.addEventListener("click", () =>
      this.#parts.emoji.open(button, (emoji) => this.composer.insert(emoji)),
    );
  }

  #listen() {
    const { me, timeline, connection } = this.#parts;
    connection.on("welcome", ({ limits }) => {
      this.composer.limit = limits.message;
    });
    connection.on("people", (page) => {
      this.#found = page;
      if (begunName(this.composer.text, this.composer.caret) === page.query)
        this.#completions.refresh();
    });
    me.subscribe(() => this.#showSilence());
    timeline.subscribe(({ room, pending = [] }) => {
      if (room) this.#showSilence();
      if (pending.length) queueMicrotask(() => this.#restore(pending));
    });
  }

  #send(text) {
    const { connection, log, notices } = this.#parts;
    this.#completions.close();
    notices.clear();
    const { kind, message } = this.#target.fulfil() ?? {};
    const named = (kind === "edit" && message.mentions) || [];
    const mentions = mentionedIn(text, this.#chosen, [...named, ...this.#people]);
    this.#chosen = [];
    if (kind !== "edit") {
      const takesFiles = !isCommand(text) || text.startsWith("/me ");
      const files = takesFiles ? this.#attaching.attachments.take() : [];
      connection.post(text, message?.sequence, mentions, files);
      log.goToBottom();
    } else if (!connection.rewrite(message.client_id, text, mentions) && text !== message.message) {
      connection.change(message, { type: "edit", message: text, mentions });
    }
  }

  /** Change the last message of one's own, and never the one before while the last is on its way. */
  #editLast() {
    const { me, timeline, log } = this.#parts;
    const waiting = timeline.pendings.posts.findLast(({ state }) => state !== "failed");
    if (waiting) return waiting.message.startsWith("/") ? undefined : this.edit(waiting);
    if (timeline.hasNewer) log.goToBottom();
    const isOwn = ({ author, deleted }) => author.id === me.id && !deleted;
    const last = timeline.shown.all.findLast((sequence) => isOwn(timeline.message(sequence)));
    if (last !== undefined) this.edit(timeline.message(last));
  }

  /** A command that was refused is to be mended where it was written, unless something else is written there. */
  #restore(clientIds) {
    const { timeline, connection, notices } = this.#parts;
    for (const { client_id, type, state, message, reason } of clientIds
      .map((id) => timeline.pendings.get(id))
      .filter(Boolean)) {
      if (type || state !== "failed" || !isCommand(message) || this.composer.text) continue;
      connection.discard(client_id);
      notices.refuse(reason);
      this.composer.write(message);
    }
  }

  #complete(text, caret) {
    const { me, strings } = this.#parts;
    const names = new Set(this.#others.map(({ name }) => name));
    names.delete(me.name);
    const commands = completions(text, { permissions: me.permissions, names: [...names], strings });
    if (commands.length) return commands;
    return begunEmoji(text, caret)
      ? this.#completeEmoji(text, caret)
      : this.#completeName(text, caret);
  }

  /** All emoji are loaded for the first one. */
  #completeEmoji(text, caret) {
    const { emoji } = this.#parts;
    if (!emoji.rows.length)
      emoji.load().then(
        () => this.#completions.refresh(),
        () => {},
      );
    return emojiCompletions(text, caret, emoji.rows);
  }

  #completeName(text, caret) {
    const { me, roster, connection } = this.#parts;
    const begun = begunName(text, caret);
    if (begun === null) return [];
    if (!roster.isComplete && begun !== this.#found.query)
      connection.say({ type: "people", query: begun });
    const all = moderates(me.permissions) ? [{ name: "here" }] : [];
    return mentionCompletions(text, caret, [...this.#people, ...all]);
  }

  /** Others who are here, and those who spoke last, under the name they had: they may have left. */
  get #others() {
    const { me, timeline, roster } = this.#parts;
    const spoke = timeline.shown.all.slice(-SPOKE_LAST).map((n) => timeline.message(n).author);
    const others = [...roster.list(me.id), ...this.#found.people, ...spoke];
    return others.filter(({ id }) => id && id !== me.id);
  }

  /** The same, each once. */
  get #people() {
    const known = new Map();
    for (const person of this.#others) if (!known.has(person.id)) known.set(person.id, person);
    return [...known.values()].filter(({ name }) => name !== this.#parts.me.name);
  }

  /** Say why nothing can be said now, and let one write again when a mute ends. */
  #showSilence() {
    const { me, timeline, strings } = this.#parts;
    clearTimeout(this.#silenceTimer);
    const now = Date.now();
    const code = silencedBy(timeline.room, me.permissions, now);
    const until = mutedUntil(me.permissions, now);
    const time = until ? this.#when.format(until) : "";
    const words = code ? fill(strings[`silent_${code}`], { time }) : "";
    this.composer.silence(code !== null);
    this.#page.dataset.silence = code ?? "";
    if (this.#silence.textContent !== words) this.#silence.textContent = words; // It is read out once.
    const ms = Math.min(until - now, TIMER_MAX_MS);
    if (until) this.#silenceTimer = setTimeout(() => this.#showSilence(), ms);
  }
}
