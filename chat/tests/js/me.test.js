import assert from "node:assert/strict";
import { test } from "node:test";
import { Me } from "lobby/state/me";
import { ALICE, BOB, makeMessage } from "./fakes.js";

const SAME_NAME = { id: "another", name: "Alice" };

/** A channel whose other end is another tab's. */
class FakeChannel extends EventTarget {
  other;

  postMessage(data) {
    this.other.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

function twoTabs(one = ALICE, other = ALICE) {
  const channels = [new FakeChannel(), new FakeChannel()];
  channels[0].other = channels[1];
  channels[1].other = channels[0];
  return [new Me(one, channels[0]), new Me(other, channels[1])];
}

function withReaction(values) {
  return makeMessage(1, { reactions: [{ emoji: "👍", count: 1, names: ["Alice"], ...values }] });
}

test("another name is told to the other tabs of the same person", () => {
  const [here, there] = twoTabs();
  here.rename({ ...ALICE, name: "Ally" });
  assert.equal(there.name, "Ally");
});

test("a tab of somebody else keeps its name", () => {
  const [here, there] = twoTabs(ALICE, BOB);
  here.rename({ ...ALICE, name: "Ally" });
  assert.equal(there.name, "Bob");
});

test("who listens hears whether it is somebody else now, and who was blocked or unblocked", () => {
  const me = new Me(ALICE);
  const heard = [];
  me.subscribe(({ isOther, blocked }) => heard.push([isOther, [...blocked]]));
  me.update(BOB, { blocked: ["carol"] });
  me.you = { ...BOB, name: "Robert" };
  me.block("dora", true);
  me.block("carol", false);
  assert.deepEqual(heard, [
    [true, ["carol"]],
    [false, []],
    [false, ["dora"]],
    [false, ["carol"]],
  ]);
});

test("news is what others say whom one wants to read", () => {
  const me = new Me(ALICE);
  assert.equal(me.isNews(makeMessage(1)), true);
  assert.equal(me.isNews(makeMessage(1, { author: ALICE })), false);
  assert.equal(me.isNews(makeMessage(1, { deleted: true })), false);
  me.block("bob", true);
  assert.equal(me.isNews(makeMessage(1)), false);
});

test("one's reactions are known by id: another of the same name has not reacted", () => {
  const message = withReaction({ ids: ["alice"] });
  assert.equal(new Me(ALICE).hasReacted(message, "👍"), true);
  assert.equal(new Me(SAME_NAME).hasReacted(message, "👍"), false);
  assert.equal(new Me(ALICE).hasReacted(message, "🎉"), false);
});

test("what was taken away in another browser is not shown as pressed", () => {
  const me = new Me(ALICE);
  me.noteReaction(withReaction({ ids: ["alice"] }), "👍", true);
  assert.equal(me.hasReacted(withReaction({ names: ["Bob"], ids: ["bob"] }), "👍"), false);
});

test("among more than are told by id, what was pressed on this page decides", () => {
  const me = new Me(ALICE);
  const message = withReaction({ count: 21, ids: Array(20).fill("x") });
  assert.equal(me.hasReacted(message, "👍"), false);
  me.noteReaction(message, "👍", true);
  assert.equal(me.hasReacted(message, "👍"), true);
  me.noteReaction(message, "👍", false);
  assert.equal(me.hasReacted(message, "👍"), false);
});

test("of a reaction that is older than the ids, the name says whose it is", () => {
  assert.equal(new Me(ALICE).hasReacted(withReaction({}), "👍"), true);
  assert.equal(new Me(BOB).hasReacted(withReaction({}), "👍"), false);
});
