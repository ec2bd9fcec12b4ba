import assert from "node:assert/strict";
import { test } from "node:test";
import { Me } from "lobby/state/me";
import { ALICE, BOB, makeMessage } from "./fakes.js";

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
