/** Messages of the room to which others link: the server is asked for those that are not held, one after another. */

/** The server takes ten questions a second, of all kinds. */
const PACE_MS = 250;

export class LinkedMessages {
  #timeline;
  #connection;
  #environment;
  /** Places that were asked for without an answer, and whether they are on their way. @type {Map<number, boolean>} */
  #open = new Map();
  /** Places where nothing can be read. @type {Set<number>} */
  #gone = new Set();
  #timer;

  /**
   * @param {object} options
   * @param {import("../state/timeline.js").Timeline} options.timeline
   * @param {import("./connection.js").Connection} options.connection
   * @param {import("./reconnecting_socket.js").Environment} options.environment
   */
  constructor({ timeline, connection, environment }) {
    this.#timeline = timeline;
    this.#connection = connection;
    this.#environment = environment;
    connection.on("welcome", () => {
      this.#gone.clear(); // the room may have another epoch
      this.#again(PACE_MS);
    });
    connection.on("history", (page) => this.#answered(page));
    connection.on("error", ({ client_id, retry_after }) => {
      if (!client_id && retry_after !== undefined) this.#again(retry_after * 1000);
    });
  }

  /**
   * Whether a message can be quoted now. If it is not held, it is asked for, and what links to it is drawn again when
   * it is there.
   * @param {number} place
   * @param {number} from the place of the message that links to it
   */
  has(place, from) {
    this.#timeline.noteLink(place, from);
    const message = this.#timeline.message(place);
    if (message) return !message.deleted;
    const mayExist = place > this.#timeline.purgedThrough && place <= this.#timeline.newest;
    if (!mayExist || this.#gone.has(place) || this.#open.has(place)) return false;
    this.#open.set(place, false);
    this.#goOnIn(PACE_MS);
    return false;
  }

  #goOnIn(ms) {
    this.#timer ??= this.#environment.setTimeout(() => this.#next(), ms);
  }

  /** What cannot be sent now is asked when the socket is there again. */
  #next() {
    this.#timer = undefined;
    const [place] = [...this.#open].find(([, isSent]) => !isSent) ?? [];
    if (!place) return;
    const isSent = this.#connection.say({ type: "history", around: place, limit: 1 });
    this.#open.set(place, isSent);
    if (isSent) this.#goOnIn(PACE_MS);
  }

  #answered({ around, messages }) {
    if (!this.#open.delete(around)) return;
    if (messages.length) this.#timeline.hold(messages);
    else this.#gone.add(around);
  }

  /** The questions that are open are asked once more. */
  #again(ms) {
    for (const place of this.#open.keys()) this.#open.set(place, false);
    this.#environment.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open.size) this.#goOnIn(ms);
  }
}
