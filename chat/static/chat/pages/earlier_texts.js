/** What a message said before it was edited: asked of the server, page after page, and shown in a dialog. Loaded when it is first wanted. */

import { element } from "../lib/elements.js";
import { show } from "../lib/popups.js";

export class EarlierTexts {
  #parts;
  #body;
  #times;
  /** @type {{sequence: number, author: object, list: HTMLElement, dialog: HTMLDialogElement, before?: number, isWaiting: boolean}|null} */
  #open = null;

  /**
   * @param {import("../pages/room.js").Parts} parts
   * @param {object} options
   * @param {import("../log/message_body.js").MessageBody} options.body
   * @param {import("../lib/strings.js").TimeFormat} options.times
   */
  constructor(parts, { body, times }) {
    this.#parts = parts;
    this.#body = body;
    this.#times = times;
    const { connection } = parts;
    connection.on("earlier", (page) => this.#answered(page));
    connection.on("error", (error) => this.#failed(error));
    // What was asked of the socket before is not answered any more.
    connection.on("welcome", () => this.#ask());
  }

  /** @param {number} sequence of a message */
  open(sequence) {
    const { earlier_title: title, close, loading } = this.#parts.strings;
    const { author } = this.#parts.timeline.message(sequence);
    const list = element("ol", "earlier");
    list.tabIndex = 0; // it is scrolled by keyboard
    list.append(element("li", "", loading));
    const dialog = show({ title, parts: [list], close });
    this.#open = { sequence, author, list, dialog, isWaiting: true };
    dialog.addEventListener("close", () => {
      this.#open = null;
    });
    this.#ask();
  }

  #ask() {
    if (!this.#open?.isWaiting) return;
    const { sequence, before } = this.#open;
    this.#parts.connection.say({ type: "earlier", sequence, before });
  }

  #answered({ sequence, texts, more = false }) {
    const open = this.#open;
    if (!open?.isWaiting || open.sequence !== sequence) return;
    if (open.before === undefined) open.list.replaceChildren();
    // The answer to a question that was asked twice.
    else if (texts[0]?.number >= open.before) return;
    open.list.append(...texts.map((text) => this.#item({ ...text, author: open.author })));
    open.isWaiting = more;
    open.before = texts.at(-1)?.number;
    if (!open.list.childElementCount)
      open.list.append(element("li", "", this.#parts.strings.earlier_none));
    this.#ask();
  }

  /** A question has no client_id. */
  #failed({ client_id, retry_after, message }) {
    if (client_id || !this.#open?.isWaiting) return;
    if (retry_after !== undefined) {
      setTimeout(() => this.#ask(), retry_after * 1000);
      return;
    }
    this.#open.dialog.close();
    this.#parts.notices.refuse(message);
  }

  #item(text) {
    const item = element("li", "");
    const at = new Date(text.written_at);
    const time = element("time", "", this.#times.moment(at));
    time.dateTime = at.toISOString();
    const body = element("div", "body");
    body.dir = "auto";
    this.#body.fill(body, text);
    item.append(time, body);
    return item;
  }
}
