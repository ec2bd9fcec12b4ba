/** Draws one message, stored or waiting, with the line of its day above it where a day begins. */

import { authorName, drawAvatar, verifiedMark } from "../lib/avatar.js";
import { button, element } from "../lib/elements.js";
import { isPost } from "../state/pendings.js";
import { messageFiles, waitingFiles } from "./message_files.js";
import { linkedPlaces } from "./message_links.js";
import { bodyId, offerPerson, quote, reactions, tools } from "./message_parts.js";
import { choices, failure } from "./pending_parts.js";
import { Walls } from "./walls.js";

/** Messages of one author within this time stand under one name. */
const GROUP_MS = 5 * 60_000;

/**
 * @typedef {import("../state/messages.js").Author} Author
 * @typedef {{author: Author, sentAt: Date, isAnswer?: boolean, isGone?: boolean}} Said who said something, and when
 * @typedef {{startsDay: boolean, continues: boolean}} Place how an entry follows the one before it
 */

/** @param {import("../state/messages.js").Message} message @returns {Said} */
export function saidOf(message) {
  const { author, sent_at, reply_to, deleted: isGone } = message;
  return { author, sentAt: new Date(sent_at), isAnswer: reply_to !== undefined, isGone };
}

/**
 * @typedef {object} Hooks what is pressed on a message
 * @property {(clientId: string) => void} onRetry
 * @property {(clientId: string) => void} onDiscard
 * @property {(clientId: string) => void} onRewrite what waits or was refused
 * @property {(clientId: string) => void} onCancel a post that waits for its files
 * @property {(link: HTMLAnchorElement) => void} onView a picture
 * @property {(sequence: number, button: HTMLElement) => void} onMenu
 * @property {(message: import("../state/messages.js").Message) => void} onReply
 * @property {(message: object, emoji: string, on: boolean) => void} onReact
 * @property {(author: Author, button: HTMLElement) => void} onPerson
 * @property {(sequence: number) => void} onJump
 * @property {(sequence: number) => void} onEarlier
 * @property {(message: object) => boolean} mayReadEarlier
 * @property {(message: object, emoji: string) => boolean} isOwnReaction
 * @property {(place: number, from: number) => boolean} isLinkedHeld
 */

export class MessageView {
  #room;
  #strings;
  #times;
  #timeline;
  #body;
  #uploads;
  /** @type {Hooks} */
  #hooks;
  /** @type {Walls} */
  #walls;

  /**
   * @param {object} options
   * @param {string} options.room its name
   * @param {Record<string, string>} options.strings
   * @param {import("../lib/strings.js").TimeFormat} options.times
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./message_body.js").MessageBody} options.body
   * @param {import("../net/uploads.js").Uploads} options.uploads
   * @param {Hooks} options.hooks
   */
  constructor({ room, strings, times, timeline, body, uploads, hooks }) {
    this.#room = room;
    this.#strings = strings;
    this.#times = times;
    this.#timeline = timeline;
    this.#body = body;
    this.#uploads = uploads;
    this.#hooks = hooks;
    this.#walls = new Walls(strings);
  }

  /**
   * @param {Said|undefined} previous
   * @param {Said} said
   * @returns {Place}
   */
  place(previous, said) {
    const startsDay = !previous || !this.#times.isSameDay(previous.sentAt, said.sentAt);
    const isSameAuthor =
      previous?.author.id === said.author.id && previous?.author.name === said.author.name;
    const isSoon = previous && said.sentAt - previous.sentAt < GROUP_MS;
    // What an answer answers stands under a name, and what was deleted may not be shown with its own.
    const isApart = said.isAnswer || Boolean(previous?.isGone) !== Boolean(said.isGone);
    const continues = !startsDay && isSameAuthor && Boolean(isSoon) && !isApart;
    return { startsDay, continues };
  }

  /**
   * @param {import("../state/messages.js").Message} message
   * @param {Place} place
   * @param {boolean} isOwn
   */
  message(message, place, isOwn) {
    const entry = this.#entry(saidOf(message), place, isOwn);
    entry.classList.toggle("pinned", message.sequence === this.#timeline.room.pinned);
    entry.classList.toggle("linked", message.sequence === this.#timeline.linked);
    entry.classList.toggle("marked", message.client_id === this.#timeline.marked);
    if (this.#timeline.isFolded(message)) this.#fold(entry, message);
    else if (message.deleted) this.#empty(entry);
    else this.#fillIn(entry, message);
    const { body, line } = this.#partsOf(entry);
    entry.classList.toggle("waiting", Boolean(message.isWaiting));
    if (message.isWaiting) body.after(this.#sending());
    body.id = bodyId(message);
    const isWhole = !message.deleted && !this.#timeline.isFolded(message);
    line.append(tools(message, { isWhole, ...this.#optionsOf(message) }));
    return entry;
  }

  #fillIn(entry, message) {
    const { body, line } = this.#partsOf(entry);
    this.#body.fill(body, message);
    this.#walls.fold(entry, message);
    if (message.edited_at) body.after(this.#edited(message));
    this.#quote(entry, message);
    if (message.reactions?.length) line.after(reactions(message, this.#optionsOf(message)));
    line.after(...this.#linked(body, message));
    if (message.files) this.#addFiles(entry, messageFiles(message.files, this.#hooks.onView));
  }

  /** Where there is no text, they stand in its place. */
  #addFiles(entry, files) {
    const { body, line } = this.#partsOf(entry);
    const isWordless = !body.textContent;
    entry.classList.toggle("wordless", isWordless);
    if (isWordless) body.after(files);
    else line.after(files);
  }

  /** What it links to in this room. */
  #linked(body, { sequence, reply_to }) {
    const options = { timeline: this.#timeline, strings: this.#strings, ...this.#hooks };
    return linkedPlaces(body, this.#room)
      .filter((place) => place !== reply_to && place !== sequence)
      .filter((place) => this.#hooks.isLinkedHeld(place, sequence))
      .map((place) => quote(place, options, `linked ${place}`));
  }

  #optionsOf(message) {
    const isOwn = (emoji) => this.#hooks.isOwnReaction(message, emoji);
    return { strings: this.#strings, isOwn, ...this.#hooks };
  }

  #empty(entry) {
    entry.classList.add("deleted");
    this.#partsOf(entry).body.textContent = this.#strings.deleted;
  }

  #fold(entry, { sequence }) {
    const { body } = this.#partsOf(entry);
    entry.classList.add("folded");
    body.textContent = this.#strings.blocked_message;
    const show = button("quiet", this.#strings.show, () => this.#timeline.unfold(sequence));
    show.dataset.control = "show";
    body.after(show);
  }

  #quote(entry, { reply_to }) {
    if (!reply_to) return;
    const options = { timeline: this.#timeline, strings: this.#strings, ...this.#hooks };
    this.#partsOf(entry).line.before(quote(reply_to, options));
  }

  /**
   * @param {import("../state/pendings.js").Pending} pending
   * @param {Place} place
   * @param {Author} you
   */
  pending(pending, place, you) {
    const isAlone = isPost(pending) && pending.reply_to === undefined;
    const continues = place.continues && isAlone;
    const said = { author: you, sentAt: new Date(pending.at) };
    const entry = this.#entry(said, { ...place, continues }, true);
    entry.classList.add(pending.state);
    const { body } = this.#partsOf(entry);
    body.textContent = this.#wordsOf(pending);
    this.#quote(entry, isPost(pending) ? pending : { reply_to: pending.sequence });
    if (pending.files?.length) this.#addFiles(entry, this.#waitingFiles(pending));
    if (pending.goesAt) entry.append(this.#heldBack(pending));
    else if (pending.state === "waiting") body.after(this.#sending());
    if (pending.state === "failed") entry.append(failure(pending, this.#optionsOfPending(pending)));
    else if (!pending.isTried && !pending.files?.length && pending.state === "waiting")
      entry.append(choices(pending, this.#optionsOfPending(pending)));
    return entry;
  }

  #optionsOfPending(pending) {
    const isEdit = pending.type === "edit" && this.#timeline.find(pending.target) !== undefined;
    const hasText = isPost(pending) || isEdit;
    return { strings: this.#strings, words: this.#wordsOf(pending), hasText, ...this.#hooks };
  }

  #waitingFiles(pending) {
    const [strings, uploads] = [this.#strings, this.#uploads];
    return waitingFiles(pending, { strings, uploads, onCancel: this.#hooks.onCancel });
  }

  #wordsOf({ type, message, emoji }) {
    return type === "delete" ? this.#strings.delete_do : (emoji ?? message);
  }

  #sending() {
    return element("span", "sending", this.#strings.sending);
  }

  /** Days are named from today: name them anew when it is another day. */
  nameDays(root) {
    for (const time of root.querySelectorAll(".day time")) {
      time.textContent = this.#times.day(new Date(time.dateTime));
    }
  }

  #entry({ author, sentAt }, { startsDay, continues }, isOwn) {
    const entry = element("article", "entry");
    entry.classList.toggle("own", isOwn);
    entry.classList.toggle("continues", continues);
    if (startsDay) entry.append(this.#day(sentAt));
    const avatar = element("span", "avatar");
    drawAvatar(avatar, author);
    avatar.setAttribute("aria-hidden", "true");
    const body = element("div", "body");
    body.dir = "auto";
    const line = element("div", "line");
    line.append(body);
    entry.append(avatar, this.#head(author, sentAt, isOwn), line);
    if (!isOwn && !continues && author.id) offerPerson(entry, author, this.#hooks.onPerson);
    return entry;
  }

  #partsOf(entry) {
    return { line: entry.querySelector(".line"), body: entry.querySelector(".body") };
  }

  #head(author, sentAt, isOwn) {
    const head = element("header", "head");
    head.append(authorName(author));
    if (author.verified) head.append(verifiedMark(this.#strings.verified));
    if (isOwn) head.append(element("span", "you", this.#strings.you));
    head.append(this.#time(sentAt));
    return head;
  }

  #day(sentAt) {
    const day = element("div", "day");
    const time = element("time", "", this.#times.day(sentAt));
    time.dateTime = sentAt.toISOString();
    day.append(time);
    return day;
  }

  #time(sentAt) {
    const time = element("time", "time", this.#times.time(sentAt));
    time.dateTime = sentAt.toISOString();
    time.title = this.#times.moment(sentAt);
    return time;
  }

  #edited(message) {
    const edited = this.#hooks.mayReadEarlier(message)
      ? this.#editedButton(message)
      : element("span", "edited", this.#strings.edited);
    edited.title = this.#times.moment(new Date(message.edited_at));
    return edited;
  }

  #editedButton({ sequence }) {
    const edited = button("edited", this.#strings.edited, () => this.#hooks.onEarlier(sequence));
    edited.dataset.control = "earlier";
    edited.setAttribute("aria-haspopup", "dialog");
    return edited;
  }

  /** The room is in slow mode, or one is too fast: it goes by itself. */
  #heldBack({ reason, goesAt }) {
    const held = element("p", "held-back", `${reason} `);
    held.setAttribute("role", "alert");
    const left = element("span", "countdown");
    left.dataset.until = String(goesAt);
    left.setAttribute("aria-hidden", "true"); // once a second is too often for the ear
    held.append(left);
    return held;
  }
}
