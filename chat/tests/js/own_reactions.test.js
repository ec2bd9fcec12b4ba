import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnReactions } from "lobby/state/own_reactions";
import { ALICE, BOB, makeMessage } from "./fakes.js";

const SAME_NAME = { id: "another", name: "Alice" };

function withReaction(values) {
  return makeMessage(1, { reactions: [{ emoji: "👍", count: 1, names: ["Alice"], ...values }] });
}

test("one's reactions are known by id: another of the same name has not reacted", () => {
  const own = new OwnReactions();
  const message = withReaction({ ids: ["alice"] });
  assert.equal(own.has(message, "👍", ALICE), true);
  assert.equal(own.has(message, "👍", SAME_NAME), false);
  assert.equal(own.has(message, "🎉", ALICE), false);
});

test("what was taken away in another browser is not shown as pressed", () => {
  const own = new OwnReactions();
  own.note(withReaction({ ids: ["alice"] }), "👍", true);
  assert.equal(own.has(withReaction({ names: ["Bob"], ids: ["bob"] }), "👍", ALICE), false);
});

test("among more than are told by id, what was pressed on this page decides", () => {
  const own = new OwnReactions();
  const message = withReaction({ count: 21, ids: Array(20).fill("x") });
  assert.equal(own.has(message, "👍", ALICE), false);
  own.note(message, "👍", true);
  assert.equal(own.has(message, "👍", ALICE), true);
  own.note(message, "👍", false);
  assert.equal(own.has(message, "👍", ALICE), false);
});

test("of a reaction that is older than the ids, the name says whose it is", () => {
  const own = new OwnReactions();
  assert.equal(own.has(withReaction({}), "👍", ALICE), true);
  assert.equal(own.has(withReaction({}), "👍", BOB), false);
});
