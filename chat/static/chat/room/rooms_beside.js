/**
 * The rooms beside this one. Their list comes over the room's socket, while it is shown and somebody looks. Who
 * moderates is sent it all the same, for the count of reports.
 */

import { moderates } from "../state/permissions.js";
import { Side } from "./side.js";

export class RoomsBeside {
  #nav;
  #side;
  #parts;
  #script;
  #loading;
  /** One can send: what is beside the room may load. */
  #hasTime = false;
  #isWatching = false;

  /**
   * @param {HTMLElement} page
   * @param {import("../pages/room.js").Parts} parts
   */
  constructor(page, parts) {
    this.#nav = page.querySelector("#rooms");
    this.#parts = parts;
    this.#script = page.dataset.rooms;
    parts.connection.on("welcome", () => {
      this.#hasTime = true;
      this.#isWatching = false; // It is another socket.
      this.#fit();
    });
    parts.me.subscribe(() => this.#fit());
    document.addEventListener("visibilitychange", () => this.#fit());
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      if (event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.#find();
    });
    this.#side = new Side(this.#nav, {
      sheet: page.querySelector("#rooms-sheet"),
      button: page.querySelector("#rooms-button"),
      wide: 1000, // as people are a column
      wider: 1000,
      onChange: () => this.#fit(),
    });
  }

  async #find() {
    if (!this.#side.isShown) this.#side.toggle();
    await this.#load();
    this.#nav.querySelector("input").focus();
  }

  #load() {
    this.#loading ??= import(this.#script).then(
      ({ openRooms }) => {
        openRooms(this.#nav, this.#parts);
        this.#isWatching = false; // What came before was shown by nobody.
      },
      () => {
        this.#loading = undefined; // The next time it is wanted, it may be there.
      },
    );
    return this.#loading;
  }

  async #fit() {
    const isShown = !this.#nav.hidden;
    if (!this.#hasTime) return;
    if (isShown) await this.#load();
    const isLookedAt = document.visibilityState === "visible";
    const on = isLookedAt && (isShown || moderates(this.#parts.me.permissions));
    if (on === this.#isWatching) return;
    if (this.#parts.connection.say({ type: "watch_rooms", on })) this.#isWatching = on;
  }
}
