import assert from "node:assert/strict";
import { test } from "node:test";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";
import { ALICE, EPOCH, liveFrame, makeMessage, makeMessages, resetFrame } from "./fakes.js";

function timelineOf(messages, more) {
  const timeline = new Timeline(new Me(ALICE));
  timeline.applyChanges(resetFrame(messages, more));
  return timeline;
}

function withPending(timeline, client_id = "mine", message = "hello") {
  timeline.pendings.add({ client_id, message, at: 0 });
  return timeline;
}

const mine = (more) =>
  makeMessage(1, { client_id: "mine", message: "hello", author: ALICE, ...more });

test("what was just written is shown as waiting", () => {
  const timeline = withPending(timelineOf([]));
  assert.equal(timeline.text, "hello\n");
  assert.equal(timeline.pendings.get("mine").state, "waiting");
});

test("an ack before the message: it is sent, and shown once when the message comes", () => {
  const timeline = withPending(timelineOf([]));
  timeline.acknowledge({ client_id: "mine", sequence: 1, revision: 1 });
  assert.equal(timeline.pendings.get("mine").state, "sent");
  assert.equal(timeline.text, "hello\n");
  timeline.applyChanges(liveFrame(mine()));
  assert.equal(timeline.text, "hello\n");
  assert.deepEqual(timeline.pendings.all, []);
});

test("the message before its ack: it is shown once, and the ack changes nothing", () => {
  const timeline = withPending(timelineOf([]));
  timeline.applyChanges(liveFrame(mine()));
  assert.deepEqual(timeline.pendings.all, []);
  timeline.acknowledge({ client_id: "mine", sequence: 1, revision: 1 });
  assert.equal(timeline.text, "hello\n");
});

test("either of them settles the client_id, so that nobody sends it again", () => {
  for (const answer of ["ack", "message"]) {
    const timeline = withPending(timelineOf([]));
    const settled = [];
    timeline.subscribe((change) => settled.push(...(change.settled ?? [])));
    if (answer === "ack") timeline.acknowledge({ client_id: "mine", sequence: 1, revision: 1 });
    else timeline.applyChanges(liveFrame(mine()));
    assert.deepEqual(settled, ["mine"]);
  }
});

test("an ack never moves the cursor", () => {
  const timeline = withPending(timelineOf(makeMessages(1, 3)));
  timeline.acknowledge({ client_id: "mine", sequence: 4, revision: 4 });
  assert.deepEqual(timeline.cursor, { epoch: EPOCH, revision: 3 });
});

test("the ack of a resend that is older than what is shown leaves nothing waiting", () => {
  const timeline = withPending(timelineOf(makeMessages(51, 100), { more: true }));
  timeline.acknowledge({ client_id: "mine", sequence: 7, revision: 7 });
  assert.deepEqual(timeline.pendings.all, []);
});

test("messages are shown by sequence, however they come", () => {
  const timeline = timelineOf([makeMessage(3), makeMessage(1, { revision: 4 }), makeMessage(2)], {
    more: true,
  });
  assert.deepEqual(timeline.shown.all, [1, 2, 3]);
});

test("a lower or equal revision is ignored", () => {
  const timeline = timelineOf([makeMessage(1, { revision: 5, message: "newer" })]);
  const frame = { epoch: EPOCH, after: 0, revision: 5 };
  timeline.applyChanges({
    ...frame,
    messages: [makeMessage(1, { revision: 4, message: "older" })],
  });
  timeline.applyChanges({ ...frame, messages: [makeMessage(1, { revision: 5, message: "same" })] });
  assert.equal(timeline.text, "newer\n");
});

test("an edit takes the place of the text, a deletion of all of it", () => {
  const timeline = timelineOf(makeMessages(1, 2));
  const edited = makeMessage(1, {
    revision: 3,
    message: "edited",
    edited_at: "2026-11-20T10:01:00Z",
  });
  timeline.applyChanges(liveFrame(edited));
  assert.equal(timeline.text, "edited\ntext 2\n");
  timeline.applyChanges(
    liveFrame(makeMessage(2, { revision: 4, message: "", html: "", deleted: true })),
  );
  assert.equal(timeline.text, "edited\n");
  assert.deepEqual(timeline.shown.all, [1, 2]);
});

test("the cursor moves with frames that join on, and never back", () => {
  const timeline = timelineOf(makeMessages(1, 5));
  assert.equal(timeline.applyChanges(liveFrame(makeMessage(6))), false);
  assert.equal(timeline.cursor.revision, 6);
  timeline.applyChanges({ epoch: EPOCH, after: 2, revision: 4, messages: [] });
  assert.equal(timeline.cursor.revision, 6);
});

test("a gap asks for a resume, shows what came, and keeps the cursor", () => {
  const timeline = timelineOf(makeMessages(1, 5));
  assert.equal(timeline.applyChanges(liveFrame(makeMessage(8))), true);
  assert.equal(timeline.cursor.revision, 5);
  assert.equal(timeline.last, 8);
  const rest = { epoch: EPOCH, after: 5, revision: 8, messages: makeMessages(6, 8) };
  assert.equal(timeline.applyChanges(rest), false);
  assert.deepEqual(timeline.shown.all, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(timeline.cursor.revision, 8);
});

test("another epoch is ignored and asks for a resume", () => {
  const timeline = timelineOf(makeMessages(1, 5));
  const foreign = {
    ...liveFrame(makeMessage(1, { revision: 9, message: "other life" })),
    epoch: "e2",
  };
  assert.equal(timeline.applyChanges(foreign), true);
  assert.equal(timeline.text.includes("other life"), false);
  assert.deepEqual(timeline.cursor, { epoch: EPOCH, revision: 5 });
});

test("the first change of a room that was empty is taken without a resume", () => {
  const timeline = timelineOf([], { epoch: null });
  assert.equal(timeline.applyChanges(liveFrame(makeMessage(1))), false);
  assert.deepEqual(timeline.cursor, { epoch: EPOCH, revision: 1 });
});

test("one who holds nothing does not take a change from the middle", () => {
  const timeline = new Timeline(new Me(ALICE));
  assert.equal(timeline.applyChanges(liveFrame(makeMessage(7))), true);
  assert.equal(timeline.text, "");
});

test("a reset replaces everything but what waits", () => {
  const timeline = withPending(timelineOf(makeMessages(1, 50)));
  timeline.applyChanges(resetFrame([makeMessage(1, { message: "restored" })], { epoch: "e2" }));
  assert.equal(timeline.text, "restored\nhello\n");
  assert.deepEqual(timeline.cursor, { epoch: "e2", revision: 1 });
});

test("a reset ends the wait of one that was acked in a life that is over", () => {
  const timeline = withPending(timelineOf(makeMessages(1, 5)));
  timeline.acknowledge({ client_id: "mine", sequence: 6, revision: 6 });
  timeline.applyChanges(resetFrame([], { epoch: "e2" }));
  assert.equal(timeline.text, "");
});

test("a reset that was read before an ack keeps the acked one in sight", () => {
  const timeline = withPending(timelineOf(makeMessages(1, 5)));
  timeline.acknowledge({ client_id: "mine", sequence: 6, revision: 6 });
  timeline.applyChanges(resetFrame(makeMessages(1, 5)));
  assert.equal(timeline.text.endsWith("hello\n"), true);
});

test("a page of history goes in front, once", () => {
  const timeline = timelineOf(makeMessages(51, 100), { more: true });
  const page = { messages: makeMessages(1, 50), more: false };
  timeline.applyHistory(page, 51);
  timeline.applyHistory(page, 51);
  assert.deepEqual(
    timeline.shown.all,
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
  assert.equal(timeline.hasOlder, false);
});

test("history does not undo an edit that came while it was on its way", () => {
  const timeline = timelineOf(makeMessages(51, 100), { more: true });
  timeline.applyChanges(liveFrame(makeMessage(7, { revision: 101, message: "edited" })));
  assert.equal(timeline.first, 51, "an old message that changed opens no hole");
  timeline.applyHistory({ messages: makeMessages(1, 50), more: false }, 51);
  assert.equal(timeline.message(7).message, "edited");
});

test("a page from before a reset is ignored", () => {
  const timeline = timelineOf(makeMessages(51, 100), { more: true });
  timeline.applyChanges(resetFrame(makeMessages(201, 250), { more: true }));
  timeline.applyHistory({ messages: makeMessages(1, 50), more: false }, 51);
  assert.equal(timeline.first, 201);
  assert.equal(timeline.hasOlder, true);
});

test("a refused one is shown with its reason until it is tried again or dropped", () => {
  const timeline = withPending(timelineOf([]));
  timeline.pendings.fail("mine", "too long");
  assert.equal(timeline.pendings.get("mine").reason, "too long");
  timeline.pendings.add(timeline.pendings.get("mine"));
  assert.equal(timeline.pendings.get("mine").state, "waiting");
  timeline.pendings.forget("mine");
  assert.equal(timeline.text, "");
});

test("a change names what is to be drawn again, and nothing else", () => {
  const timeline = timelineOf(makeMessages(1, 50));
  const changes = [];
  timeline.subscribe((change) => changes.push(change));
  timeline.applyChanges(liveFrame(makeMessage(51)));
  timeline.applyChanges(liveFrame(makeMessage(51)));
  assert.deepEqual(
    changes.map((change) => change.sequences),
    [[51], []],
  );
});

test("the topic of the room is held", () => {
  const timeline = timelineOf([], { room: { name: "lobby", topic: "the weather" } });
  assert.equal(timeline.room.topic, "the weather");
});

test("replayed in any order and doubled, changes end in the same log", () => {
  const frames = [
    liveFrame(makeMessage(1)),
    liveFrame(makeMessage(2)),
    liveFrame(makeMessage(1, { revision: 3, message: "edited" })),
    liveFrame(makeMessage(3, { revision: 4 })),
    liveFrame(makeMessage(2, { revision: 5, message: "", deleted: true })),
  ];
  const all = {
    epoch: EPOCH,
    after: 0,
    revision: 5,
    messages: frames.map((frame) => frame.messages[0]),
  };
  for (let seed = 1; seed <= 60; seed++) {
    const timeline = timelineOf([]);
    for (const frame of shuffled([...frames, ...frames], seed)) timeline.applyChanges(frame);
    timeline.applyChanges(all);
    assert.equal(timeline.text, "edited\ntext 3\n");
    assert.equal(timeline.cursor.revision, 5);
  }
});

function shuffled(items, seed) {
  let state = seed * 2_654_435_761;
  const keyed = items.map((item) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return { item, key: state };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
