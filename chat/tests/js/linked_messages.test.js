/** Messages that others link to: who reads asks for what is not held. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkedMessages } from "lobby/net/linked_messages";
import { liveFrame, makeMessage, makeMessages, Tab } from "./fakes.js";

/** A tab with the messages 151 to 200, of which the last one links to `places`. */
function open(...places) {
  const tab = new Tab();
  const { timeline, connection, clock } = tab;
  const { setTimeout, clearTimeout } = clock;
  const linked = new LinkedMessages({
    timeline,
    connection,
    environment: { setTimeout, clearTimeout },
  });
  const has = () => places.filter((place) => linked.has(place, 200));
  let shown = [];
  timeline.subscribe(({ reset, sequences = [] }) => {
    if (reset || sequences.includes(200)) shown = has();
  });
  tab.open(makeMessages(151, 200));
  clock.advance(1000);
  return { tab, shown: () => shown };
}

function answer(tab, around, ...messages) {
  tab.receive({ type: "history", around, messages, more: true });
}

function asked(tab) {
  return tab.sent("history").map(({ around, limit }) => [around, limit]);
}

test("what is held is quoted at once, and what cannot exist is not asked for", () => {
  const { tab, shown } = open(160, 201);
  assert.deepEqual(shown(), [160]);
  assert.deepEqual(asked(tab), []);
});

test("what is not held is asked for once, and quoted when it is there", () => {
  const { tab, shown } = open(5, 6);
  assert.deepEqual(asked(tab), [
    [5, 1],
    [6, 1],
  ]);
  answer(tab, 5, makeMessage(5));
  assert.deepEqual(shown(), [5]);
  answer(tab, 6);
  tab.clock.advance(60_000);
  assert.deepEqual(shown(), [5]);
  assert.equal(asked(tab).length, 2);
  assert.equal(tab.timeline.first, 151, "the log shows what it showed");
});

test("a quoted message that is deleted is quoted no longer, wherever it stands", () => {
  const { tab, shown } = open(5);
  answer(tab, 5, makeMessage(5));
  assert.deepEqual(shown(), [5]);
  tab.receive(liveFrame(makeMessage(5, { revision: 201, message: "", html: "", deleted: true })));
  assert.deepEqual(shown(), []);
});

test("a question that came too fast is asked again", () => {
  const { tab, shown } = open(5);
  tab.receive({ type: "error", code: "too_fast", message: "", retry_after: 2 });
  tab.clock.advance(2_500);
  assert.equal(asked(tab).length, 2);
  answer(tab, 5, makeMessage(5));
  assert.deepEqual(shown(), [5]);
});

test("one message is no page of history", async () => {
  const { tab } = open(5);
  const loading = tab.connection.loadHistory(151, 50);
  answer(tab, 5, makeMessage(5));
  tab.receive({ type: "history", messages: makeMessages(101, 150), more: true });
  assert.equal((await loading).messages.length, 50);
});
