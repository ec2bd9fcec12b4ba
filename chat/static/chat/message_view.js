/** Draws one message, stored or waiting, with the line of its day above it where a day begins. */

import { drawAvatar, hueClass } from "lobby/avatar";
import { fill } from "lobby/strings";

/** Messages of one author within this time stand under one name. */
const GROUP_MS = 5 * 60_000;

/**
 * @typedef {import("lobby/timeline").Author} Author
 * @typedef {{author: Author, sentAt: Date}} Said who said something, and when
 * @typedef {{startsDay: boolean, continues: boolean}} Place how an entry follows the one before it
 */

/** @param {import("lobby/timeline").Message} message @returns {Said} */
export function saidOf(message) {
  return { author: message.author, sentAt: new Date(message.sent_at) };
}

export class MessageView {
  #strings;
  #times;
  #onRetry;
  #onDiscard;

  /**
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("lobby/format").TimeFormat} options.times
   * @param {(clientId: string) => void} options.onRetry
   * @param {(clientId: string) => void} options.onDiscard
   */
  constructor({ strings, times, onRetry, onDiscard }) {
    this.#strings = strings;
    this.#times = times;
    this.#onRetry = onRetry;
    this.#onDiscard = onDiscard;
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
    return { startsDay, continues: !startsDay && isSameAuthor && Boolean(isSoon) };
  }

  /**
   * @param {import("lobby/timeline").Message} message
   * @param {Place} place
   * @param {boolean} isOwn
   */
  message(message, place, isOwn) {
    const entry = this.#entry(saidOf(message), place, isOwn);
    const body = entry.querySelector(".body");
    if (message.deleted) {
      entry.classList.add("deleted");
      body.textContent = this.#strings.deleted;
    } else {
      // Rendered and sanitised by the server.
      body.innerHTML = message.html;
      if (message.edited_at) body.after(this.#edited(message.edited_at));
    }
    return entry;
  }

  /**
   * @param {import("lobby/timeline").Pending} pending
   * @param {Place} place
   * @param {Author} you
   */
  pending(pending, place, you) {
    const entry = this.#entry({ author: you, sentAt: new Date(pending.at) }, place, true);
    entry.classList.add(pending.state);
    const body = entry.querySelector(".body");
    body.textContent = pending.message;
    if (pending.state === "waiting") body.after(element("span", "sending", this.#strings.sending));
    if (pending.state === "failed") entry.append(this.#failure(pending));
    return entry;
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
    return entry;
  }

  #head(author, sentAt, isOwn) {
    const head = element("header", "head");
    const name = element("bdi", `author ${hueClass(author.id)}`, author.name);
    head.append(name);
    if (author.verified) {
      const mark = element("span", "verified");
      mark.title = this.#strings.verified;
      mark.append(element("span", "visually-hidden", this.#strings.verified));
      head.append(mark);
    }
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

  #edited(editedAt) {
    const edited = element("span", "edited", this.#strings.edited);
    edited.title = this.#times.moment(new Date(editedAt));
    return edited;
  }

  #failure({ client_id, reason, message }) {
    const failure = element("div", "failure");
    const words = element("span", "reason", fill(this.#strings.not_sent, { reason }));
    const retry = element("button", "quiet", this.#strings.try_again);
    const discard = element("button", "quiet", this.#strings.discard);
    for (const button of [retry, discard]) {
      button.type = "button";
      button.setAttribute("aria-label", `${button.textContent}: ${message.slice(0, 40)}`);
    }
    retry.addEventListener("click", () => this.#onRetry(client_id));
    discard.addEventListener("click", () => this.#onDiscard(client_id));
    failure.append(words, retry, discard);
    return failure;
  }
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
