import assert from "node:assert/strict";
import { test } from "node:test";
import { LogPages } from "lobby/log/log_pages";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";
import { ALICE, EPOCH, liveFrame, makeMessage, makeMessages, resetFrame } from "./fakes.js";

const ALWAYS = { older: () => true, newer: () => true };
const UP = { older: () => true, newer: () => false };
const DOWN = { older: () => false, newer: () => true };

/** A room of so many messages, of which the last 50 are shown. */
function room(state = {}) {
  const { size = 200 } = state;
  const timeline = new Timeline(new Me(ALICE));
  timeline.applyChanges(resetFrame(makeMessages(size - 49, size), { more: true }));
  const asked = [];
  const load = async (before) => {
    asked.push(before);
    await null;
    if (state.failing) throw new Error("lost");
    const from = Math.max(1, Math.min(before, size + 1) - 50);
    return { messages: makeMessages(from, Math.min(before - 1, size)), more: from > 1 };
  };
  return { timeline, asked, pages: new LogPages({ timeline, size: 50, load }) };
}

function live(from, to) {
  return { epoch: EPOCH, after: from - 1, revision: to, messages: makeMessages(from, to) };
}

function stretch({ first, last, shown }) {
  assert.deepEqual(shown.all, numbers(first, last), "there is no hole");
  return [first, last];
}

function numbers(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test("a place that is not held is shown with what is round it, and costs one page", async () => {
  const { timeline, asked, pages } = room();
  assert.equal(await pages.loadTo(60), true);
  assert.deepEqual(asked, [100]);
  assert.deepEqual(stretch(timeline), [50, 99]);
});

test("a place that is held costs no page, shown or not", async () => {
  const { timeline, asked, pages } = room();
  await pages.loadWhile(UP);
  timeline.narrow(1, 100);
  const before = asked.length;
  for (const place of [100, 180, 20]) {
    assert.equal(await pages.loadTo(place), true);
    const [first, last] = stretch(timeline);
    assert.ok(first <= place && place <= last);
  }
  assert.equal(asked.length, before);
});

test("a message that is held alone, for it was changed, is shown with its page", async () => {
  const { timeline, asked, pages } = room({ size: 1_000 });
  const edited = makeMessage(500, { revision: 1_001, message: "edited" });
  timeline.applyChanges(liveFrame(edited));
  assert.equal(await pages.loadTo(500), true);
  assert.deepEqual(asked, [540]);
  assert.deepEqual(stretch(timeline), [490, 539]);
  assert.equal(timeline.message(500).message, "edited");
});

test("what has left the window comes back from what is held, in both directions", async () => {
  const { timeline, asked, pages } = room();
  await pages.loadWhile(UP);
  timeline.narrow(100, 120);
  assert.ok(timeline.hasOlder && timeline.hasNewer);
  await pages.loadWhile(ALWAYS);
  assert.deepEqual(stretch(timeline), [1, 200]);
  assert.ok(!timeline.hasOlder && !timeline.hasNewer);
  assert.equal(asked.length, 3);
});

test("what was let go comes again from the server, in both directions", async () => {
  const { timeline, asked, pages } = room({ size: 8_000 });
  await pages.loadWhile({ older: () => timeline.first > 2_900, newer: () => false });
  timeline.narrow(2_901, 3_100);
  assert.equal(timeline.message(5_000), undefined);
  const before = asked.length;
  await pages.loadWhile({ older: () => timeline.first > 2_801, newer: () => timeline.hasNewer });
  assert.deepEqual(stretch(timeline), [2_801, 8_000]);
  assert.ok(asked.length > before);
});

test("when the server can answer again it is asked at once", async () => {
  const state = { failing: true };
  const { timeline, asked, pages } = room(state);
  const done = pages.loadWhile(UP);
  await new Promise(setImmediate);
  assert.deepEqual([asked.length, timeline.first], [1, 151]);
  state.failing = false;
  pages.wake();
  await done;
  assert.equal(timeline.first, 1);
});

test("a page of another epoch than it was asked for in is ignored", async () => {
  const { timeline, asked, pages } = room();
  const loading = pages.loadWhile({ older: () => asked.length === 0, newer: () => false });
  timeline.applyChanges(resetFrame(makeMessages(151, 152), { epoch: "e2", more: true }));
  await loading;
  assert.deepEqual(stretch(timeline), [151, 152]);
});

test("nothing is asked for beyond the beginning", async () => {
  const { timeline, asked, pages } = room();
  await pages.loadWhile(ALWAYS);
  assert.deepEqual(asked, [151, 101, 51]);
  assert.equal(timeline.first, 1);
});

test("two who want older messages at once share the pages", async () => {
  const { asked, pages } = room();
  await Promise.all([pages.loadWhile(UP), pages.loadTo(1), pages.loadTo(1)]);
  assert.deepEqual(asked, [151, 101, 51]);
});

test("who wants to go to a place is not kept waiting for a server that is away", async () => {
  for (const size of [200, 20_000]) {
    const { timeline, asked, pages } = room({ size, failing: true });
    assert.equal(await pages.loadTo(1), false);
    assert.equal(asked.length, 1);
    assert.equal(timeline.first, size - 49);
  }
});

test("who wants to go to a place does not wait for the pause after a failure", async () => {
  const { asked, pages } = room({ failing: true });
  const answers = [true];
  const resting = pages.loadWhile({ older: () => answers.pop() ?? false });
  await new Promise(setImmediate);
  await pages.loadTo(1);
  await pages.loadTo(1);
  assert.equal(asked.length, 3);
  await resting;
});

test("a place that is far up costs one page, and the way back none", async () => {
  const { timeline, asked, pages } = room({ size: 20_000 });
  await pages.loadTo(300);
  assert.equal(asked.length, 1);
  assert.deepEqual(stretch(timeline), [290, 339]);
  assert.ok(timeline.hasOlder && timeline.hasNewer);
  await pages.loadTo(5_000);
  assert.deepEqual(stretch(timeline), [4_990, 5_039]);
  timeline.showNewest();
  assert.deepEqual(stretch(timeline), [19_951, 20_000]);
  assert.ok(timeline.hasOlder && !timeline.hasNewer);
  assert.equal(asked.length, 2);
});

test("a place that is far up is gone to while another page is on its way", async () => {
  const { timeline, pages } = room({ size: 20_000 });
  const answers = [true];
  const once = { older: () => answers.pop() ?? false, newer: () => false };
  await Promise.all([pages.loadWhile(once), pages.loadTo(300)]);
  assert.deepEqual(stretch(timeline), [290, 339]);
});

test("who reads on from far up comes to the newest without a hole", async () => {
  const { timeline, asked, pages } = room({ size: 1_000 });
  await pages.loadTo(700);
  assert.deepEqual(stretch(timeline), [690, 739]);
  await pages.loadWhile(DOWN);
  assert.deepEqual(asked.slice(1), [790, 840, 890, 940, 990]);
  assert.deepEqual(stretch(timeline), [690, 1_000]);
  assert.ok(!timeline.hasNewer);
});

test("what is said meanwhile does not show among what is far up, and is there at the end", async () => {
  const { timeline, pages } = room({ size: 1_000 });
  await pages.loadTo(700);
  timeline.applyChanges(live(1_001, 1_003));
  assert.deepEqual(stretch(timeline), [690, 739]);
  assert.equal(timeline.newest, 1_003);
  timeline.showNewest();
  assert.deepEqual(stretch(timeline), [953, 1_003]);
  timeline.applyChanges(live(1_004, 1_004));
  assert.deepEqual(stretch(timeline), [953, 1_004]);
});

test("a reset and a removal of what is far up lead back to the newest", async () => {
  const { timeline, pages } = room({ size: 1_000 });
  await pages.loadTo(700);
  const state = { name: "lobby", topic: "", purged_through: 800 };
  timeline.applyChanges({ ...live(1_001, 1_000), revision: 1_001, room: state });
  assert.deepEqual(stretch(timeline), [951, 1_000]);
  assert.ok(timeline.hasOlder);
  await pages.loadTo(801);
  assert.equal(timeline.first, 801);
  timeline.applyChanges(resetFrame(makeMessages(1_951, 2_000), { more: true }));
  assert.deepEqual(stretch(timeline), [1_951, 2_000]);
});
