import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnReactions } from "lobby/net/own_reactions";
import { liveFrame, makeMessage, Tab } from "./fakes.js";

const LIKE = "👍";
const TWENTY = Array.from({ length: 20 }, (_, index) => `person-${index}`);
const MANY = { count: 25, names: TWENTY, ids: TWENTY };

function withReaction(values, sequence = 1) {
  return makeMessage(sequence, { reactions: [{ emoji: LIKE, names: ["Bob"], ...values }] });
}

/** A tab whose chips are looked at whenever their message is drawn. */
function open(...messages) {
  const tab = new Tab();
  const { me, timeline, connection, clock, window } = tab;
  const { setTimeout, clearTimeout } = clock;
  const environment = { setTimeout, clearTimeout, window };
  const own = new OwnReactions({ me, timeline, connection, environment });
  const isOwn = (sequence) => own.has(timeline.message(sequence), LIKE);
  const drawn = [];
  timeline.subscribe(({ reset, sequences }) => {
    for (const n of reset ? timeline.shown.all : sequences) drawn.push([n, isOwn(n)]);
  });
  tab.open(messages);
  clock.advance(1000);
  return { tab, own, isOwn, drawn };
}

function answer(tab, own, sequence = 1) {
  tab.receive({ type: "reactors", sequence, emoji: LIKE, people: [], count: 25, own });
}

test("one's reactions are known by id where everybody is named: nobody is asked", () => {
  const { tab, isOwn } = open(
    withReaction({ count: 1, ids: ["alice"] }),
    withReaction({ count: 1, ids: ["another"], names: ["Alice"] }, 2),
    withReaction({ ...MANY, ids: [...TWENTY.slice(1), "alice"] }, 3),
  );
  assert.deepEqual([1, 2, 3].map(isOwn), [true, false, true]);
  assert.deepEqual(tab.sent("reactors"), []);
});

test("where not everybody is named the server is asked once, and the message drawn again", () => {
  const { tab, isOwn, drawn } = open(withReaction(MANY));
  assert.deepEqual(tab.sent("reactors"), [{ type: "reactors", sequence: 1, emoji: LIKE }]);
  assert.equal(isOwn(1), false);
  answer(tab, true);
  assert.equal(isOwn(1), true);
  assert.deepEqual(drawn.at(-1), [1, true]);
  tab.clock.advance(60_000);
  assert.equal(tab.sent("reactors").length, 1);
});

test("what nobody can be named for is asked too: a message from before ids were kept", () => {
  assert.equal(open(withReaction({ count: 1 })).tab.sent("reactors").length, 1);
});

test("questions are asked one after another, and those that came too fast again", () => {
  const { tab } = open(withReaction(MANY), withReaction(MANY, 2), withReaction(MANY, 3));
  assert.deepEqual(
    tab.sent("reactors").map(({ sequence }) => sequence),
    [1, 2, 3],
  );
  answer(tab, false, 1);
  tab.receive({ type: "error", code: "too_fast", message: "", retry_after: 7 });
  tab.clock.advance(6900);
  assert.equal(tab.sent("reactors").length, 3);
  tab.clock.advance(1000);
  assert.deepEqual(
    tab.sent("reactors").map(({ sequence }) => sequence),
    [1, 2, 3, 2, 3],
  );
});

test("who was known not to be among twenty is not asked about when a twenty-first comes", () => {
  const { tab, isOwn } = open(withReaction({ ...MANY, count: 20 }));
  tab.receive(liveFrame({ ...withReaction({ ...MANY, count: 21 }), revision: 2 }));
  assert.equal(isOwn(1), false);
  tab.clock.advance(1000);
  assert.deepEqual(tab.sent("reactors"), []);
});

test("what one presses holds at once, and an answer from before it does not count", () => {
  const { tab, own, isOwn } = open(withReaction(MANY));
  own.changed(tab.timeline.message(1), LIKE, true);
  answer(tab, false);
  assert.equal(isOwn(1), true);
  own.changed(tab.timeline.message(1), LIKE, false);
  assert.equal(isOwn(1), false);
});

test("a reaction that is refused is no longer shown as one's own", () => {
  const { tab, own, isOwn } = open(withReaction(MANY));
  answer(tab, false);
  own.changed(tab.timeline.message(1), LIKE, true);
  tab.connection.change(tab.timeline.message(1), { type: "react", emoji: LIKE, on: true });
  tab.refuse(tab.sent("react")[0], "muted");
  tab.clock.advance(1000);
  answer(tab, false);
  assert.equal(isOwn(1), false);
});

test("one who comes back may have reacted elsewhere: what is shown is asked about again", () => {
  const { tab, isOwn } = open(withReaction(MANY));
  answer(tab, false);
  tab.window.dispatchEvent(new Event("focus"));
  tab.clock.advance(1000);
  assert.equal(tab.sent("reactors").length, 2);
  answer(tab, true);
  assert.equal(isOwn(1), true);
});

test("a new connection asks again only what was not answered", () => {
  const { tab, isOwn } = open(withReaction(MANY), withReaction(MANY, 2));
  answer(tab, true, 1);
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.open([withReaction(MANY), withReaction(MANY, 2)]);
  tab.clock.advance(1000);
  assert.deepEqual(tab.sent("reactors"), [{ type: "reactors", sequence: 2, emoji: LIKE }]);
  assert.equal(isOwn(1), true);
});

test("who is somebody else now has reacted to nothing that is known", () => {
  const { tab, isOwn } = open(withReaction(MANY));
  answer(tab, true);
  tab.me.update({ id: "new", name: "New" }, {});
  assert.equal(isOwn(1), false);
  tab.clock.advance(1000);
  assert.equal(tab.sent("reactors").length, 2);
});
