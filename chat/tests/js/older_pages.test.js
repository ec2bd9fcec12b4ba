import assert from "node:assert/strict";
import { test } from "node:test";
import { OlderPages } from "lobby/older_pages";
import { Timeline } from "lobby/timeline";
import { makeMessages, resetFrame } from "./fakes.js";

/** A room of 200 messages of which the last 50 are shown. */
function room({ failing = false } = {}) {
  const timeline = new Timeline();
  timeline.applyChanges(resetFrame(makeMessages(151, 200), { more: true }));
  const asked = [];
  const load = async (before) => {
    asked.push(before);
    await null;
    if (failing) throw new Error("lost");
    const from = before - 50;
    timeline.applyHistory({ messages: makeMessages(from, before - 1), more: from > 1 }, before);
  };
  return { timeline, asked, pages: new OlderPages({ timeline, load }) };
}

test("pages are loaded back to a place, and no further", async () => {
  const { timeline, asked, pages } = room();
  await pages.loadBackTo(60);
  assert.deepEqual(asked, [151, 101]);
  assert.equal(timeline.first, 51);
});

test("nothing is asked for beyond the beginning", async () => {
  const { timeline, asked, pages } = room();
  await pages.loadWhile(() => true);
  assert.deepEqual(asked, [151, 101, 51]);
  assert.equal(timeline.first, 1);
});

test("two who want older messages at once share the pages", async () => {
  const { asked, pages } = room();
  await Promise.all([pages.loadWhile(() => true), pages.loadBackTo(1), pages.loadBackTo(1)]);
  assert.deepEqual(asked, [151, 101, 51]);
});

test("who wants to go to a place is not kept waiting for a server that is away", async () => {
  const { timeline, asked, pages } = room({ failing: true });
  await pages.loadBackTo(1);
  assert.deepEqual(asked, [151]);
  assert.equal(timeline.first, 151);
});
