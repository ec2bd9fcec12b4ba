/** What keeps order in a room, as the timeline has it: purges, blocked people, answers, pins. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";
import { ALICE, BOB, EPOCH, liveFrame, makeMessage, makeMessages, resetFrame } from "./fakes.js";

const ROOM = { name: "lobby", topic: "" };

function timelineOf(messages, more, me = new Me(ALICE)) {
  const timeline = new Timeline(me);
  timeline.applyChanges(resetFrame(messages, more));
  return timeline;
}

function roomFrame(revision, room, messages = []) {
  return {
    type: "changes",
    epoch: EPOCH,
    after: revision - 1,
    revision,
    messages,
    room: { ...ROOM, ...room },
  };
}

function listen(timeline) {
  const changes = [];
  timeline.subscribe((change) => changes.push(change));
  return changes;
}

test("what the room no longer keeps is dropped", () => {
  const timeline = timelineOf(makeMessages(1, 5));
  const changes = listen(timeline);
  timeline.applyChanges(roomFrame(6, { purged_through: 3 }));
  assert.equal(timeline.text, "text 4\ntext 5\n");
  assert.deepEqual(timeline.shown.all, [4, 5]);
  assert.equal(timeline.hasOlder, false);
  assert.equal(changes[0].reset, true, "the page draws what is left");
});

test("a purge below what is shown leaves what lies between to be asked for", () => {
  const timeline = timelineOf(makeMessages(51, 60), { more: true });
  timeline.applyChanges(roomFrame(61, { purged_through: 20 }));
  assert.equal(timeline.hasOlder, true);
  timeline.applyChanges(roomFrame(62, { purged_through: 50 }));
  assert.equal(timeline.hasOlder, false);
  assert.equal(timeline.first, 51);
});

test("a purge of everything leaves nothing, and the next message stands alone", () => {
  const timeline = timelineOf(makeMessages(1, 3), { more: false });
  timeline.applyChanges(roomFrame(4, { purged_through: 3 }));
  assert.equal(timeline.text, "");
  timeline.applyChanges(liveFrame(makeMessage(4, { revision: 5 })));
  assert.deepEqual(timeline.shown.all, [4]);
});

test("a page of history that was on its way brings nothing back", () => {
  const timeline = timelineOf(makeMessages(51, 60), { more: true });
  timeline.applyChanges(roomFrame(61, { purged_through: 40 }));
  timeline.applyHistory({ messages: makeMessages(31, 50), more: true }, 51);
  assert.equal(timeline.first, 41);
});

test("in another life of the room the purge of the old one is forgotten", () => {
  const timeline = timelineOf(makeMessages(1, 5));
  timeline.applyChanges(roomFrame(6, { purged_through: 5 }));
  timeline.applyChanges(resetFrame(makeMessages(1, 2), { epoch: "e2", room: ROOM }));
  assert.deepEqual(timeline.shown.all, [1, 2]);
  assert.equal(timeline.purgedThrough, 0);
});

test("a room's change without a purge drops nothing", () => {
  const timeline = timelineOf(makeMessages(1, 5));
  const changes = listen(timeline);
  timeline.applyChanges(roomFrame(6, { slow_mode: 10 }));
  assert.equal(changes[0].reset, false);
  assert.equal(timeline.room.slow_mode, 10);
  assert.deepEqual(timeline.shown.all, [1, 2, 3, 4, 5]);
});

test("messages of a blocked person are folded, until one looks", () => {
  const carol = { id: "carol", name: "Carol" };
  const me = new Me(ALICE);
  const messages = [makeMessage(1), makeMessage(2, { author: carol }), makeMessage(3)];
  const timeline = timelineOf(messages, {}, me);
  const changes = listen(timeline);
  me.block("bob", true);
  assert.equal(timeline.text, "text 2\n");
  assert.deepEqual(changes[0].sequences, [1, 3]);
  timeline.unfold(3);
  assert.equal(timeline.text, "text 2\ntext 3\n");
  assert.deepEqual(changes[1].sequences, [3]);
  me.block("bob", false);
  assert.equal(timeline.text, "text 1\ntext 2\ntext 3\n");
});

test("what is said later by a blocked person is folded as well", () => {
  const me = new Me(ALICE);
  const timeline = timelineOf([], {}, me);
  me.block("bob", true);
  timeline.applyChanges(liveFrame(makeMessage(1)));
  assert.equal(timeline.isFolded(timeline.message(1)), true);
  assert.equal(timeline.text, "");
});

test("the same people blocked again change nothing", () => {
  const me = new Me(ALICE);
  const timeline = timelineOf(makeMessages(1, 2), {}, me);
  me.block("bob", true);
  timeline.unfold(1);
  const changes = listen(timeline);
  me.block("bob", true);
  assert.deepEqual(changes, []);
  assert.equal(timeline.isFolded(timeline.message(1)), false);
});

test("an answer is drawn again when what it answers changes", () => {
  const timeline = timelineOf([makeMessage(1), makeMessage(2, { reply_to: 1 }), makeMessage(3)]);
  const changes = listen(timeline);
  timeline.applyChanges(liveFrame(makeMessage(1, { revision: 4, message: "", deleted: true })));
  assert.deepEqual(changes[0].sequences, [1, 2]);
});

test("an answer is drawn again when history brings what it answers", () => {
  const timeline = timelineOf([makeMessage(3), makeMessage(4, { reply_to: 1 })], { more: true });
  const changes = listen(timeline);
  timeline.applyHistory({ messages: makeMessages(1, 2), more: false }, 3);
  assert.deepEqual(changes[0].sequences, [1, 2, 4]);
});

test("an answer that is not in sight is not drawn", () => {
  const timeline = timelineOf(makeMessages(5, 6), { more: true });
  timeline.applyChanges(liveFrame(makeMessage(2, { revision: 7, reply_to: 1 })));
  const changes = listen(timeline);
  timeline.applyChanges(liveFrame(makeMessage(1, { revision: 8 })));
  assert.deepEqual(changes[0].sequences, []);
});

test("a pin moves its mark: both messages are drawn again", () => {
  const timeline = timelineOf(makeMessages(1, 3), { room: { ...ROOM, pinned: 1 } });
  const changes = listen(timeline);
  timeline.applyChanges(roomFrame(4, { pinned: 3 }));
  assert.deepEqual(changes[0].sequences, [1, 3]);
  timeline.applyChanges(roomFrame(5, {}));
  assert.deepEqual(changes[1].sequences, [3]);
});

test("the author of a folded message is nobody else for being blocked", () => {
  const me = new Me(ALICE);
  const timeline = timelineOf([makeMessage(1)], {}, me);
  me.block("bob", true);
  assert.deepEqual(timeline.message(1).author, BOB);
});
