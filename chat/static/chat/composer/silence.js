/** Tells above the composer why nothing can be said now, and opens it again when a mute ends. */

import { fill, pageLocale } from "lobby/lib/strings";
import { mutedUntil, silencedBy } from "lobby/state/permissions";

/** `setTimeout` counts no further. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class Silence {
  #line;
  #strings;
  #composer;
  #timer;
  #when = new Intl.DateTimeFormat(pageLocale(), { dateStyle: "medium", timeStyle: "short" });

  /**
   * @param {HTMLElement} line
   * @param {{strings: Record<string, string>, composer: import("lobby/composer/composer").Composer}} options
   */
  constructor(line, { strings, composer }) {
    this.#line = line;
    this.#strings = strings;
    this.#composer = composer;
  }

  /**
   * @param {import("lobby/state/timeline").Room} room
   * @param {import("lobby/state/permissions").Standing} standing
   */
  judge(room, standing) {
    clearTimeout(this.#timer);
    const now = Date.now();
    const code = silencedBy(room, standing, now);
    const until = mutedUntil(standing, now);
    const time = until ? this.#when.format(until) : "";
    const words = code ? fill(this.#strings[`silent_${code}`], { time }) : "";
    this.#composer.silence(code !== null);
    if (this.#line.textContent !== words) this.#line.textContent = words; // It is read out once.
    if (until)
      this.#timer = setTimeout(
        () => this.judge(room, standing),
        Math.min(until - now, TIMER_MAX_MS),
      );
  }
}
