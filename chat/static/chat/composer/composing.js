/**
 * What one writes: joins the composer with what the text answers or replaces, with completions, with the reason
 * why nothing can be said, and with the connection.
 */

import { element } from "../lib/elements.js";
import { hasTouchKeyboard } from "../lib/input.js";
import { fill, fillNodes, pageLocale } from "../lib/strings.js";
import { excerptOf } from "../log/message_body.js";
import { moderates, mutedUntil, silencedBy } from "../state/permissions.js";
import { Attaching } from "./attaching.js";
import { CompletionList, completions, isCommand } from "./completion.js";
import { Composer } from "./composer.js";
import { begunName, mentionCompletions, mentionedIn } from "./mentioning.js";

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
    });
    if (draft.reply) this.reply(draft.reply);
    this.#completions = new CompletionList(page.querySelector("#completions"), {
      input: page.querySelector("#chat-message-input"),
      complete: (text, caret) => this.#complete(text, caret),
      write: ({ text, person }) => {
        if (person) this.#chosen.push(person);
        this.composer.write(text);
      },
    });
    this.#offerEmoji(page.querySelector("#emoji-button"));
    this.#listen();
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

  /** Write a post anew that waits for its files, unless something else is written there. */
  takeBack(clientId) {
    const { timeline, connection, uploads } = this.#parts;
    const { message, files } = timeline.pendings.get(clientId);
    this.composer.focus();
    if (files.every(({ id }) => uploads.get(id).state === "stored")) return; // It is on its way.
    if (this.composer.text || !this.#attaching.attachments.isEmpty)
      return connection.discard(clientId);
    connection.takeBack(clientId);
    this.composer.write(message);
    this.#attaching.attachments.adopt(files);
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
    } else if (text !== message.message) {
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
    return commands.length ? commands : this.#completeName(text, caret);
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

/**
 * What the next text is for, when it is not a new message by itself: it answers a message, or replaces one.
 * @typedef {{kind: "reply"|"edit", message: import("../state/messages.js").Message}} Aim
 */
class Target {
  #root;
  #words;
  #strings;
  #composer;
  /** @type {Aim|null} */
  #aim = null;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("./composer.js").Composer} options.composer
   */
  constructor(root, { strings, composer }) {
    this.#root = root;
    this.#words = root.querySelector(".purpose-words");
    this.#strings = strings;
    this.#composer = composer;
    root.querySelector("button").addEventListener("click", () => this.cancel());
  }

  get isOn() {
    return this.#aim !== null;
  }

  /** @param {import("../state/messages.js").Message} message */
  reply(message) {
    this.cancel();
    this.#begin({ kind: "reply", message });
    const { sequence, author } = message;
    const reply = { sequence, author: { name: author.name }, message: excerptOf(message) };
    this.#composer.draft.reply = reply;
    const name = element("bdi", "author", message.author.name);
    const text = element("span", "excerpt", reply.message);
    text.dir = "auto";
    this.#words.replaceChildren(...fillNodes(this.#strings.replying, { name }), " ", text);
  }

  /** @param {import("../state/messages.js").Message} message */
  edit(message) {
    this.cancel();
    this.#begin({ kind: "edit", message });
    const { editing, editing_by_touch } = this.#strings;
    this.#words.replaceChildren(hasTouchKeyboard() ? editing_by_touch : editing);
    this.#composer.replaceDraft(message.message);
  }

  /** Just say what is written. A text that was being changed makes way for the draft from before. */
  cancel() {
    if (this.#aim?.kind === "edit") this.#composer.restore();
    this.#end();
    this.#composer.focus();
  }

  /** The text is written. @returns {Aim|null} what it is for; the next one is for nothing special */
  fulfil() {
    const aim = this.#aim;
    if (aim?.kind === "edit") this.#composer.restore();
    this.#end();
    return aim;
  }

  #begin(aim) {
    this.#aim = aim;
    this.#root.hidden = false;
    this.#root.dataset.kind = aim.kind;
    this.#composer.focus();
  }

  #end() {
    this.#aim = null;
    this.#composer.draft.reply = undefined;
    this.#root.hidden = true;
  }
}
