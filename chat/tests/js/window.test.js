/** The log shows a window of what is held, and not all that was said is held. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";
import { countUnread } from "lobby/state/unread";
import { ALICE, EPOCH, liveFrame, makeMessage, makeMessages, resetFrame } from "./fakes.js";

/** A room of so many messages, of which the last 50 are held. */
function timelineOf(size) {
  const timeline = new Timeline(new Me(ALICE));
  timeline.applyChanges(resetFrame(makeMessages(size - 49, size), { more: size > 50 }));
  return timeline;
}

function talk(timeline, from, to) {
  const messages = makeMessages(from, to);
  timeline.applyChanges({ epoch: EPOCH, after: from - 1, revision: to, messages });
}

function range({ first, last, shown }) {
  assert.equal(shown.all.length, last - first + 1, "there is no hole");
  return [first, last];
}

function drawn(timeline) {
  const sequences = [];
  timeline.subscribe((change) => sequences.push(...(change.sequences ?? [])));
  return sequences;
}

test("a narrower window shows older and newer messages again, so many at a time", () => {
  const timeline = timelineOf(50);
  assert.ok(!timeline.hasOlder && !timeline.hasNewer);
  timeline.narrow(20, 30);
  assert.ok(timeline.hasOlder && timeline.hasNewer);
  assert.equal(timeline.text.split("\n").length - 1, 11);
  timeline.extend(-1, 5);
  timeline.extend(1, 5);
  assert.deepEqual(range(timeline), [15, 35]);
  timeline.extend(-1, 50);
  timeline.extend(1, 50);
  assert.deepEqual(range(timeline), [1, 50]);
  assert.equal(timeline.extend(-1, 50) || timeline.extend(1, 50), false);
});

test("a room is opened at a message, and the newest are a step away", () => {
  const newest = makeMessages(951, 1_000);
  for (const [linked, page, last] of [
    [500, makeMessages(475, 524), 524],
    [940, makeMessages(915, 950), 990],
    [1_000, [], 1_000],
  ]) {
    const timeline = new Timeline(new Me(ALICE));
    const { reset, ...frame } = resetFrame([...page, ...newest], { more: true });
    timeline.openAt(frame, linked);
    assert.equal(timeline.linked, linked);
    assert.deepEqual(range(timeline), [page[0]?.sequence ?? 951, last]);
    assert.deepEqual(timeline.cursor, { epoch: EPOCH, revision: 1_000 });
    assert.ok(timeline.hasOlder);
    talk(timeline, 1_001, 1_001);
    timeline.showNewest();
    assert.equal(timeline.last, 1_001);
    assert.ok(!timeline.hasNewer);
  }
});

test("what is said or changed outside the window is held and not drawn", () => {
  const timeline = timelineOf(50);
  timeline.narrow(20, 30);
  const sequences = drawn(timeline);
  talk(timeline, 51, 52);
  timeline.applyChanges(liveFrame(makeMessage(5, { revision: 53, message: "edited" })));
  timeline.applyChanges(liveFrame(makeMessage(45, { revision: 54, message: "edited" })));
  assert.deepEqual(sequences, []);
  assert.deepEqual(range(timeline), [20, 30]);
  assert.equal(timeline.message(5).message, "edited");
  assert.equal(timeline.newest, 52);
  timeline.showNewest();
  assert.deepEqual(range(timeline), [2, 52]);
  assert.ok(timeline.text.includes("edited"));
});

test("what comes at the end of a window that was narrowed above is drawn", () => {
  const timeline = timelineOf(50);
  timeline.narrow(40, 50);
  talk(timeline, 51, 51);
  assert.deepEqual(range(timeline), [40, 51]);
});

test("a page that the window has left meanwhile is ignored", () => {
  const timeline = timelineOf(400);
  timeline.applyHistory({ messages: makeMessages(301, 350), more: true }, 351);
  timeline.narrow(320, 370);
  timeline.applyHistory({ messages: makeMessages(251, 300), more: true }, 301);
  assert.deepEqual(range(timeline), [320, 370]);
  timeline.applyHistory({ messages: makeMessages(381, 400), more: true }, 431);
  assert.deepEqual(range(timeline), [320, 370]);
});

test("what is unread is counted, shown or not", () => {
  const timeline = timelineOf(50);
  timeline.narrow(20, 30);
  const isNews = ({ sequence }) => sequence % 2 === 0;
  assert.equal(countUnread(timeline, 40, isNews), 5);
  assert.equal(
    countUnread(timeline, 0, () => true),
    50,
  );
});

test("of a long talk only the newest, the newly changed and the window are held", () => {
  const timeline = timelineOf(50);
  timeline.narrow(20, 30);
  for (let from = 51; from < 20_000; from += 50) talk(timeline, from, from + 49);
  timeline.applyChanges(liveFrame(makeMessage(300, { revision: 20_001, reply_to: 20 })));
  for (let from = 20_001; from < 20_500; from += 50) {
    const messages = makeMessages(from, from + 49).map((m) => ({ ...m, revision: m.revision + 1 }));
    const revision = from + 50;
    timeline.applyChanges({ epoch: EPOCH, after: from, revision, messages });
  }
  const isHeld = (place) => timeline.message(place) !== undefined;
  const held = Array.from({ length: 20_500 }, (_, index) => index + 1).filter(isHeld);
  assert.ok(held.length <= 5_001, `${held.length}`);
  assert.ok(isHeld(20) && isHeld(30) && isHeld(300) && !isHeld(1_000));
  assert.deepEqual(range(timeline), [20, 30]);
  assert.equal(
    countUnread(timeline, 0, () => true),
    100,
  );
  timeline.showNewest();
  assert.deepEqual(range(timeline), [20_450, 20_500]);
});
