/** How far one has read: the mark, the line above what is new, and the count in the title. */

import { browser } from "lobby/environment";
import { ReadMark } from "lobby/read_mark";
import { UnreadTitle, unreadAfter } from "lobby/unread";

export class Reading {
  #mark;
  #timeline;
  #you;
  #title = new UnreadTitle(document);
  /** @type {Set<string>} */
  #blocked = new Set();
  #hasBegun = false;
  /** @type {import("lobby/log_view").LogView} */
  #log;

  /**
   * @param {object} options
   * @param {import("lobby/connection").Connection} options.connection
   * @param {import("lobby/timeline").Timeline} options.timeline
   * @param {string} options.room
   * @param {{id: string}} options.you
   * @param {Storage|null} options.storage
   */
  constructor({ connection, timeline, room, you, storage }) {
    this.#timeline = timeline;
    this.#you = you;
    this.#mark = new ReadMark({
      storage,
      environment: browser,
      room,
      owner: you.id,
      tell: (sequence) => connection.say({ type: "seen", sequence }),
    });
    connection.on("standing", ({ blocked = [] }) => {
      this.#blocked = new Set(blocked);
    });
    timeline.subscribe(() => this.#count());
    document.addEventListener("visibilitychange", () => this.#looked());
  }

  /** @param {import("lobby/log_view").LogView} log shows the line */
  set log(log) {
    this.#log = log;
  }

  /** Take the `welcome`: who comes in finds the line where they left. */
  welcome(welcome) {
    this.#you = welcome.you;
    this.#blocked = new Set(welcome.standing.blocked);
    this.#mark.welcome(welcome);
    if (!this.#hasBegun && this.#mark.seen) this.#log.readFrom(this.#mark.seen);
    this.#hasBegun = true;
  }

  /** Everything up to this place was on the screen. */
  saw(sequence) {
    this.#mark.saw(sequence, this.#timeline.cursor.epoch);
  }

  /** It is of somebody else whom one wants to read. */
  isNews({ author, deleted }) {
    return !deleted && author.id !== this.#you.id && !this.#blocked.has(author.id);
  }

  /** Who leaves finds the line where they left; who is back needs no count. */
  #looked() {
    if (document.hidden) this.#mark.leave();
    if (document.hidden && this.#mark.seen) this.#log.readFrom(this.#mark.seen);
    this.#count();
  }

  #count() {
    const isNews = (message) => this.isNews(message);
    const unread = document.hidden ? unreadAfter(this.#timeline, this.#mark.seen, isNews) : [];
    this.#title.show(unread.length);
  }
}
