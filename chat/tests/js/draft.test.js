import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft } from "lobby/composer/composer";
import { FakeStorage } from "./fakes.js";

/** Storage of a browser, where each tab has one of its own besides. */
function openTab(storage = new FakeStorage()) {
  globalThis.sessionStorage = new FakeStorage();
  globalThis.localStorage = storage;
  return { draft: new Draft({ room: "lobby", owner: "alice" }), storage };
}

test("a tab where nothing is written leaves the draft of another one when it comes back", () => {
  const { draft: idle, storage } = openTab();
  openTab(storage).draft.text = "half a thought";
  idle.text = "";
  idle.reply = undefined;
  assert.equal(openTab(storage).draft.text, "half a thought");
});
