/** How far one has read: the mark, the line above what is new and the way to it, the count in the title. */

import { browser } from "../lib/environment.js";
import { fill } from "../lib/strings.js";
import { capped, countUnread, fillCapped, ReadMark, titleWith } from "../state/unread.js";

export class Reading {
  #above;
  #strings;
  #mark;
  #timeline;
  #me;
  #mentions;
  #title = document.title;
  #hasBegun = false;
  /** @type {import("../log/log_view.js").LogView} */
  #log;

  /**
   * @param {HTMLElement} above leads to the line when that stands further up than the log reaches
   * @param {import("../pages/room.js").Parts} parts
   */
  constructor(above, { timeline, log, room, me, mentions, strings, storage, connection }) {
    this.#above = above;
    this.#strings = strings;
    this.#timeline = timeline;
    this.#me = me;
    this.#log = log;
    this.#mentions = mentions;
    this.#mark = new ReadMark({
      storage,
      environment: browser,
      room,
      owner: me.id,
      send: (sequence) => connection.say({ type: "seen", sequence }),
    });
    timeline.subscribe(() => this.#count());
    mentions.subscribe(() => this.#count());
    connection.on("changes", (frame) => mentions.take(frame.messages, this.#mark.seen));
    connection.on("standing", (standing) => this.#learn(standing));
    document.addEventListener("visibilitychange", () => this.#looked());
    above.querySelector(".go").addEventListener("click", () => this.#log.goToLine());
    above.querySelector(".close").addEventListener("click", () => this.#log.forgetLine());
  }

  /**
   * Who comes in finds the line where they left.
   * @param {{epoch: string, sequence: number, standing: {seen?: number}, you: {id: string}}} welcome
   */
  begin(welcome) {
    this.#mark.welcome(welcome);
    if (!this.#hasBegun && this.#mark.seen) this.#log.readFrom(this.#mark.seen);
    this.#hasBegun = true;
    this.#mentions.learn(welcome.standing.mentions, this.#mark.seen);
  }

  /** One has read on in another window, or is told of a mention. */
  #learn({ seen = 0, mentions }) {
    if (seen > this.#mark.seen) this.#mentions.saw(0, seen);
    this.#mark.learn(seen);
    this.#mentions.learn(mentions, this.#mark.seen);
    this.#showNewsBelow();
  }

  /** Everything from `first` up to this place was on the screen; what stands further up is taken for read. */
  saw(sequence, first) {
    this.#mark.saw(sequence, this.#timeline.cursor.epoch);
    this.#mentions.saw(first, sequence);
    this.#showNewsBelow();
  }

  /** Say what is new further up and further down. */
  showNews() {
    this.#showNewsAbove();
    this.#showNewsBelow();
  }

  #showNewsBelow() {
    const count = capped(this.#unread);
    this.#log.showNews(count === "0" ? "" : fill(this.#strings.news_below, { count }));
  }

  #showNewsAbove() {
    const span = this.#log.newsAbove;
    const words = span ? fillCapped(this.#strings, "news_above", span) : "";
    const shown = this.#above.querySelector(".words");
    if (shown.textContent !== words) shown.textContent = words;
    // What goes away hands the focus on.
    if (!span && this.#above.contains(document.activeElement)) this.#log.focus();
    this.#above.hidden = !span;
  }

  /** Who leaves finds the line where they left; who is back needs no count. */
  #looked() {
    if (document.hidden) this.#mark.leave();
    if (document.hidden && this.#mark.seen) this.#log.readFrom(this.#mark.seen);
    this.#count();
  }

  get #unread() {
    const isNews = (message) => this.#me.isNews(message);
    return countUnread(this.#timeline, this.#mark.seen, isNews);
  }

  /** In the page's title: what mentions one, and while nobody looks what is new, "(@1 · 3) lobby". */
  #count() {
    const count = document.hidden ? this.#unread : 0;
    const title = titleWith(count, this.#title, this.#mentions.count);
    if (title !== document.title) document.title = title;
  }
}
