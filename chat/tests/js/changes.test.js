/** Edits, deletions and reactions: kept, shown as they will be, and sent like posts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ALICE, FakeStorage, liveFrame, makeMessage, resetFrame, Tab } from "./fakes.js";

const MINE = makeMessage(1, { message: "helo", author: ALICE });
const EDIT = { type: "edit", message: "hello" };
const THUMB = { type: "react", emoji: "👍", on: true };

function tabWithMine(storage) {
  const tab = new Tab({ storage }).open([MINE]);
  return tab;
}

function offline(tab) {
  tab.socket.end(1006);
  return tab;
}

function back(tab) {
  tab.clock.advance(1000);
  tab.welcome();
  return tab;
}

const shown = (tab) => tab.timeline.message(1);

test("an edit made offline is shown at once and marked, kept over a reload, and sent when one is back", () => {
  const storage = new FakeStorage();
  const before = offline(tabWithMine(storage));
  before.connection.change(MINE, EDIT);
  assert.deepEqual([shown(before).message, shown(before).isWaiting], ["hello", true]);
  assert.equal(before.timeline.text, "hello\n");
  const after = new Tab({ storage }).open([MINE]);
  assert.equal(shown(after).message, "hello");
  const [edit] = after.sent("edit");
  assert.deepEqual(
    [edit.sequence, edit.message, edit.revision, edit.client_id],
    [1, "hello", 1, before.outbox.entries[0].client_id],
  );
  after.ack(edit, 1);
  assert.deepEqual(after.outbox.entries, []);
});

test("between the ack and the message itself the new text stays, and then it is the message's own", () => {
  const tab = tabWithMine();
  tab.connection.change(MINE, EDIT);
  const [edit] = tab.sent("edit");
  tab.receive({ type: "ack", client_id: edit.client_id, sequence: 1, revision: 2 });
  assert.equal(shown(tab).message, "hello");
  const stored = { ...MINE, message: "hello", html: "hello", revision: 2 };
  tab.receive(liveFrame(stored));
  assert.deepEqual(shown(tab), stored);
  assert.deepEqual(tab.timeline.pendings.changesOf(), []);
});

test("whose ack was lost goes again under the same client_id", () => {
  const tab = tabWithMine();
  tab.connection.change(MINE, EDIT);
  const sent = tab.sent("edit");
  assert.deepEqual(back(offline(tab)).sent("edit"), sent);
});

test("a second edit waits for the first and is made to what that has made", () => {
  const tab = tabWithMine();
  tab.connection.change(MINE, EDIT);
  tab.connection.change(shown(tab), { type: "edit", message: "hello!" });
  tab.connection.change(shown(tab), { type: "delete" });
  assert.equal(shown(tab).deleted, true);
  assert.equal(tab.sent("edit").length, 1);
  tab.receive({ type: "ack", client_id: tab.sent("edit")[0].client_id, sequence: 1, revision: 5 });
  assert.deepEqual(
    tab.sent("edit").map(({ message, revision }) => [message, revision]),
    [
      ["hello", 1],
      ["hello!", 5],
    ],
  );
  assert.deepEqual(tab.sent("delete"), []);
  tab.receive({ type: "ack", client_id: tab.sent("edit")[1].client_id, sequence: 1, revision: 6 });
  assert.equal(tab.sent("delete").length, 1);
});

test("an edit that waits behind a reaction does not replace what one has not seen", () => {
  const tab = tabWithMine();
  tab.connection.change(MINE, THUMB);
  tab.connection.change(shown(tab), EDIT);
  tab.receive({ type: "ack", client_id: tab.sent("react")[0].client_id, sequence: 1, revision: 9 });
  assert.deepEqual(
    tab.sent("edit").map(({ revision }) => revision),
    [1],
  );
});

test("an edit of what is not stored yet is shown in it and follows it, over a reload", () => {
  const storage = new FakeStorage();
  const before = new Tab({ storage });
  before.connection.post("helo");
  before.connection.change(before.timeline.pendings.all[0], EDIT);
  assert.equal(before.timeline.text, "hello\n");
  const tab = new Tab({ storage }).open();
  const [post] = tab.sent("post");
  assert.deepEqual([post.message, tab.sent("edit").length], ["helo", 0]);
  tab.ack(post, 1);
  assert.equal(tab.timeline.text, "hello\n");
  const [{ sequence, revision, message }] = tab.sent("edit");
  assert.deepEqual([sequence, revision, message], [1, 1, "hello"]);
});

test("an edit that was begun before the message was stored finds its place", () => {
  const tab = new Tab().open();
  tab.connection.post("helo");
  const [pending] = tab.timeline.pendings.all;
  tab.ack(tab.sent("post")[0], 1);
  tab.receive(liveFrame({ ...MINE, client_id: pending.client_id }));
  tab.connection.change(pending, EDIT);
  assert.deepEqual(
    tab.sent("edit").map(({ sequence, revision }) => [sequence, revision]),
    [[1, 1]],
  );
});

test("an edit follows a message whose ack was lost", () => {
  const tab = new Tab().open();
  tab.connection.post("helo");
  const [{ client_id }] = tab.sent("post");
  tab.connection.change(tab.timeline.pendings.get(client_id), EDIT);
  back(offline(tab));
  tab.receive(liveFrame({ ...MINE, client_id }));
  assert.deepEqual(
    tab.sent("edit").map(({ sequence }) => sequence),
    [1],
  );
});

test("a reaction is counted at once, once, and taken back when it is refused and dropped", () => {
  const tab = tabWithMine();
  tab.connection.change(MINE, THUMB);
  const chip = { emoji: "👍", count: 1, names: ["Alice"], ids: ["alice"] };
  assert.deepEqual(shown(tab).reactions, [{ ...chip, isWaiting: true }]);
  tab.receive(liveFrame({ ...MINE, revision: 2, reactions: [chip] }));
  assert.deepEqual(shown(tab).reactions, [{ ...chip, isWaiting: true }]);
  tab.connection.change(shown(tab), { ...THUMB, on: false });
  assert.deepEqual(shown(tab).reactions, []);
});

test("a change that was refused is told below, stays over a reload, and goes again or is dropped", () => {
  const storage = new FakeStorage();
  const before = tabWithMine(storage);
  before.connection.change(MINE, EDIT);
  before.refuse(before.sent("edit")[0], "conflict");
  assert.equal(shown(before).message, "helo");
  const tab = new Tab({ storage }).open([{ ...MINE, revision: 4, message: "other" }]);
  const [{ client_id, state, reason, message }] = tab.timeline.pendings.all;
  assert.deepEqual([state, reason, message], ["failed", "refused: conflict", "hello"]);
  assert.equal(tab.timeline.text, "other\n", "it was not said");
  tab.connection.retry(client_id);
  assert.deepEqual(
    tab.sent("edit").map((edit) => [edit.client_id, edit.revision]),
    [[client_id, 4]],
  );
  assert.deepEqual(tab.timeline.pendings.all, []);
  tab.refuse({ client_id }, "muted");
  tab.connection.discard(client_id);
  assert.deepEqual(tab.timeline.pendings.all, []);
  assert.deepEqual(tab.outbox.entries, []);
});

test("a message that is gone needs no deletion and takes no reaction", () => {
  const tab = tabWithMine();
  for (const change of [THUMB, { type: "delete" }]) {
    tab.connection.change(MINE, change);
    tab.refuse(tab.sent(change.type)[0], "not_found");
  }
  assert.deepEqual(tab.timeline.pendings.all, []);
  assert.deepEqual(tab.outbox.entries, []);
});

test("in another life of the room a change finds its message, or nothing is changed", () => {
  for (const [messages, sent] of [
    [[makeMessage(1, { client_id: "another" }), { ...MINE, sequence: 2, revision: 9 }], [[2, 9]]],
    [[makeMessage(1, { client_id: "another" })], []],
  ]) {
    const tab = offline(tabWithMine());
    tab.connection.change(MINE, EDIT);
    tab.clock.advance(1000);
    tab.welcome({ epoch: "e2" });
    assert.deepEqual(tab.sent("edit"), []);
    tab.receive(resetFrame(messages, { epoch: "e2" }));
    assert.deepEqual(
      tab.sent("edit").map(({ sequence, revision }) => [sequence, revision]),
      sent,
    );
    assert.equal(tab.timeline.pendings.all.length, 1 - sent.length, "its text is not lost");
  }
});

test("what is to change a message that waits follows it into another life of the room", () => {
  const tab = offline(new Tab().open());
  tab.connection.post("helo");
  tab.connection.change(tab.timeline.pendings.all[0], { type: "delete" });
  tab.clock.advance(1000);
  tab.welcome({ epoch: "e2" });
  tab.receive(resetFrame([], { epoch: "e2" }));
  tab.ack(tab.sent("post")[0], 1);
  assert.deepEqual(
    tab.sent("delete").map(({ sequence }) => sequence),
    [1],
  );
});

test("a change whose message is not held stays in sight until that is held again", () => {
  const tab = offline(tabWithMine());
  tab.connection.change(MINE, { type: "delete" });
  tab.clock.advance(1000);
  tab.welcome({ epoch: "e2" });
  tab.receive(resetFrame([makeMessage(2)], { epoch: "e2", more: true }));
  const [{ client_id }] = tab.timeline.pendings.all;
  tab.connection.retry(client_id);
  assert.equal(tab.timeline.pendings.all[0].state, "failed");
  tab.timeline.applyHistory({ messages: [MINE], more: false }, 2);
  tab.connection.retry(client_id);
  assert.equal(tab.sent("delete").length, 1);
});

test("an edit of a message that another tab got stored is sent", () => {
  const storage = new FakeStorage();
  const tab = offline(new Tab({ storage }).open());
  tab.connection.post("helo");
  const [pending] = tab.timeline.pendings.all;
  const other = new Tab({ storage }).open();
  tab.connection.change(pending, EDIT);
  other.ack(other.sent("post")[0], 1);
  tab.connection.takenOutElsewhere(pending.client_id);
  back(tab);
  tab.receive(liveFrame({ ...MINE, client_id: pending.client_id }));
  assert.deepEqual(
    tab.sent("edit").map(({ sequence }) => sequence),
    [1],
  );
});

test("in a room that begins while one is there, a change is sent at once", () => {
  const tab = new Tab().welcome({ epoch: null });
  tab.receive(resetFrame([], { epoch: null }));
  tab.receive(liveFrame(MINE));
  tab.connection.change(MINE, EDIT);
  assert.equal(tab.sent("edit").length, 1);
});

test("an edit that another tab has sent no longer waits in one that is offline", () => {
  const storage = new FakeStorage();
  const tab = offline(tabWithMine(storage));
  tab.connection.change(MINE, EDIT);
  const [{ client_id }] = tab.outbox.entries;
  tab.outbox.remove(client_id);
  tab.connection.takenOutElsewhere(client_id);
  assert.deepEqual(back(tab).timeline.pendings.changesOf(), []);
});

test("an edit that another tab got stored before a later one is not told as refused", () => {
  const storage = new FakeStorage();
  const one = offline(tabWithMine(storage));
  one.connection.change(MINE, EDIT);
  const other = new Tab({ storage }).open([MINE]);
  back(one);
  const [edit] = one.sent("edit");
  other.ack(edit, 1);
  one.refuse(edit, "conflict");
  assert.deepEqual(one.timeline.pendings.all, []);
  assert.deepEqual(one.outbox.entries, []);
});
