import assert from "node:assert/strict";
import { test } from "node:test";
import { LogPages } from "lobby/log/log_pages";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";
import { ALICE, EPOCH, makeMessages, resetFrame } from "./fakes.js";

const ALWAYS = { older: () => true, newer: () => true };
const UP = { older: () => true, newer: () => false };
const DOWN = { older: () => false, newer: () => true };

/** A room of so many messages, of which the last 50 are shown. */
function room({ size = 200, failing = false } = {}) {
  const timeline = new Timeline(new Me(ALICE));
  timeline.applyChanges(resetFrame(makeMessages(size - 49, size), { more: true }));
  const asked = [];
  const load = async (before, isApart) => {
    asked.push(before);
    await null;
    if (failing) throw new Error("lost");
    const from = Math.max(1, Math.min(before, size + 1) - 50);
    const page = { messages: makeMessages(from, Math.min(before - 1, size)), more: from > 1 };
    if (isApart) timeline.showApart(page);
    else timeline.applyHistory(page, before);
  };
  return { timeline, asked, pages: new LogPages({ timeline, size: 50, load }) };
}

function live(from, to) {
  return { epoch: EPOCH, after: from - 1, revision: to, messages: makeMessages(from, to) };
}

function shown({ first, last, sequences }) {
  assert.deepEqual(sequences, numbers(first, last), "there is no hole");
  return [first, last];
}

function numbers(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test("pages are loaded back to a place, and no further", async () => {
  const { timeline, asked, pages } = room();
  assert.equal(await pages.loadTo(60), true);
  assert.deepEqual(asked, [151, 101]);
  assert.equal(timeline.first, 51);
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
  assert.deepEqual(shown(timeline), [290, 339]);
  assert.ok(timeline.hasOlder && timeline.hasNewer);
  await pages.loadTo(5_000);
  assert.deepEqual(shown(timeline), [4_990, 5_039]);
  timeline.showNewest();
  assert.deepEqual(shown(timeline), [19_951, 20_000]);
  assert.ok(timeline.hasOlder && !timeline.hasNewer);
  assert.equal(asked.length, 2);
});

test("a place that is far up is gone to while another page is on its way", async () => {
  const { timeline, pages } = room({ size: 20_000 });
  const answers = [true];
  const once = { older: () => answers.pop() ?? false, newer: () => false };
  await Promise.all([pages.loadWhile(once), pages.loadTo(300)]);
  assert.deepEqual(shown(timeline), [290, 339]);
});

test("who reads on from far up comes to the newest without a hole", async () => {
  const { timeline, asked, pages } = room({ size: 1_000 });
  await pages.loadTo(700);
  assert.deepEqual(shown(timeline), [690, 739]);
  await pages.loadWhile(DOWN);
  assert.deepEqual(asked.slice(1), [790, 840, 890, 940, 990]);
  assert.deepEqual(shown(timeline), [690, 1_000]);
  assert.ok(!timeline.hasNewer);
});

test("what is said meanwhile does not show among what is far up, and is there at the end", async () => {
  const { timeline, pages } = room({ size: 1_000 });
  await pages.loadTo(700);
  timeline.applyChanges(live(1_001, 1_003));
  assert.deepEqual(shown(timeline), [690, 739]);
  assert.equal(timeline.newest, 1_003);
  timeline.showNewest();
  assert.deepEqual(shown(timeline), [951, 1_003]);
  timeline.applyChanges(live(1_004, 1_004));
  assert.deepEqual(shown(timeline), [951, 1_004]);
});

test("a reset and a removal of what is far up lead back to the newest", async () => {
  const { timeline, pages } = room({ size: 1_000 });
  await pages.loadTo(700);
  const state = { name: "lobby", topic: "", purged_through: 800 };
  timeline.applyChanges({ ...live(1_001, 1_000), revision: 1_001, room: state });
  assert.deepEqual(shown(timeline), [951, 1_000]);
  assert.ok(timeline.hasOlder);
  await pages.loadTo(801);
  assert.equal(timeline.first, 801);
  timeline.applyChanges(resetFrame(makeMessages(1_951, 2_000), { more: true }));
  assert.deepEqual(shown(timeline), [1_951, 2_000]);
});
