/** The others in the room: who is here, and who is typing. */

import { browser } from "lobby/lib/environment";
import { PeoplePanel } from "lobby/people/people_panel";
import { TypingLine, TypingTold, WhoTypes } from "lobby/people/typing";
import { Roster } from "lobby/state/roster";

export class Company {
  roster = new Roster();
  #panel;
  #whoTypes;
  #timeline;
  #lastSaid = 0;

  /**
   * @param {HTMLElement} page
   * @param {object} options
   * @param {import("lobby/net/connection").Connection} options.connection
   * @param {import("lobby/state/timeline").Timeline} options.timeline
   * @param {Record<string, string>} options.strings
   * @param {{id: string}} options.you
   * @param {(person: import("lobby/state/roster").Person, button: HTMLButtonElement) => void} options.onPerson
   */
  constructor(page, { connection, timeline, strings, you, onPerson }) {
    this.#timeline = timeline;
    this.#panel = new PeoplePanel(page.querySelector("#people"), {
      sheet: page.querySelector("#people-sheet"),
      button: page.querySelector("#people-button"),
      told: page.querySelector("#people-told"),
      roster: this.roster,
      strings,
      you,
      onPerson,
      onSearch: (query) => connection.say({ type: "people", query }),
    });
    const line = new TypingLine(page.querySelector("#typing"), strings);
    this.#whoTypes = new WhoTypes({ environment: browser, onChange: (names) => line.show(names) });
    this.you = you;
    this.#hear(connection);
    tellTyping(page.querySelector("#chat-message-input"), { connection, timeline });
  }

  /** Who one is among them. */
  set you(you) {
    this.#panel.you = you;
    this.#whoTypes.yourId = you.id;
  }

  #hear(connection) {
    connection.on("welcome", (welcome) => {
      this.roster.take(welcome);
      this.#whoTypes.blocked = welcome.standing.blocked ?? [];
    });
    connection.on("presence", (presence) => this.roster.take(presence));
    connection.on("people", (people) => this.#panel.found(people));
    connection.on("typing", (typing) => this.#whoTypes.take(typing));
    connection.on("standing", ({ blocked = [] }) => {
      this.#whoTypes.blocked = blocked;
    });
    this.#timeline.subscribe(({ sequences = [] }) => this.#said(sequences));
  }

  /** Who has just said something types no longer. */
  #said(sequences) {
    const fresh = sequences.filter((sequence) => sequence > this.#lastSaid);
    for (const sequence of fresh) this.#whoTypes.said(this.#timeline.message(sequence).author.id);
    this.#lastSaid = this.#timeline.newest;
  }
}

function tellTyping(input, { connection, timeline }) {
  const told = new TypingTold({
    now: Date.now,
    tell: (on) => connection.say(on ? { type: "typing" } : { type: "typing", on }),
  });
  input.addEventListener("input", () => told.wrote(input.value));
  timeline.subscribe(({ pending = [] }) => {
    for (const { state, type } of pending.map((id) => timeline.pendings.get(id) ?? {})) {
      if (state !== "waiting") continue;
      if (type === "edit") told.stopped();
      else if (type === undefined) told.said();
    }
  });
}
