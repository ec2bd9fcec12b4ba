import assert from "node:assert/strict";
import { test } from "node:test";
import { Draft } from "lobby/composer/draft";
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

test("a text that replaces another is kept beside the draft", () => {
  const { draft, storage } = openTab();
  draft.text = "half a thought";
  const edit = { client_id: "c", sequence: 1, message: "tea", epoch: "e", text: "coffee" };
  draft.edit = edit;
  assert.deepEqual(openTab(storage).draft.edit, edit);
  draft.edit = undefined;
  const after = openTab(storage).draft;
  assert.deepEqual([after.edit, after.text], [undefined, "half a thought"]);
});
