import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnReactions } from "lobby/own_reactions";
import { FakeStorage, makeMessage } from "./fakes.js";

const MESSAGE = makeMessage(1, { reactions: [{ emoji: "👍", count: 2, names: ["Alice", "Bob"] }] });

function reactionsIn(storage, owner = "alice") {
  return new OwnReactions({ storage, room: "lobby", owner });
}

test("one's name among the others says that one reacted, until this browser knows better", () => {
  const own = reactionsIn(new FakeStorage());
  assert.equal(own.has(MESSAGE, "👍", "Alice"), true);
  assert.equal(own.has(MESSAGE, "👍", "Carol"), false);
  own.note(MESSAGE, "👍", false);
  assert.equal(own.has(MESSAGE, "👍", "Alice"), false, "that was another Alice");
  own.note(MESSAGE, "👍", true);
  assert.equal(own.has(MESSAGE, "👍", "Carol"), true, "whatever one is called now");
});

test("a reaction is remembered over a reload, for the person who made it", () => {
  const storage = new FakeStorage();
  reactionsIn(storage).note(MESSAGE, "🎉", true);
  assert.equal(reactionsIn(storage).has(MESSAGE, "🎉", "x"), true);
  assert.equal(reactionsIn(storage, "bob").has(MESSAGE, "🎉", "x"), false);
});

test("what is stored by somebody else, or nowhere, is no harm", () => {
  const storage = new FakeStorage();
  storage.setItem("lobby:reactions:alice:lobby", "no json");
  for (const own of [reactionsIn(storage), reactionsIn(null)]) {
    assert.equal(own.has(MESSAGE, "🎉", "x"), false);
    own.note(MESSAGE, "🎉", true);
    assert.equal(own.has(MESSAGE, "🎉", "x"), true);
  }
});

test("only the newest 500 reactions are remembered", () => {
  const own = reactionsIn(new FakeStorage());
  const messages = Array.from({ length: 501 }, (_, index) => makeMessage(index + 1));
  for (const message of messages) own.note(message, "🎉", true);
  assert.equal(own.has(messages[0], "🎉", "x"), false);
  assert.equal(own.has(messages[1], "🎉", "x"), true);
});
