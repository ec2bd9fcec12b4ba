import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "lobby/net/outbox";
import { ALICE, BOB, FakeStorage, makeMessage, resetFrame, Tab } from "./fakes.js";

const outboxIn = (storage, more = {}) =>
  new Outbox({ storage, room: "lobby", owner: "alice", ...more });
const texts = (outbox) => outbox.entries.map((entry) => entry.message);

test("what waits is there after a reload, in order", () => {
  const storage = new FakeStorage();
  const outbox = outboxIn(storage);
  outbox.put({ client_id: "c", message: "one", at: 5 });
  outbox.put({ client_id: "b", message: "two", at: 5 });
  outbox.put({ client_id: "a", message: "three", at: 5 });
  assert.deepEqual(texts(outboxIn(storage)), ["one", "two", "three"]);
  outbox.remove("b");
  assert.deepEqual(texts(outboxIn(storage)), ["one", "three"]);
});

test("each room and each person has an outbox of its own", () => {
  const storage = new FakeStorage();
  outboxIn(storage).put({ client_id: "a", message: "mine", at: 1 });
  assert.deepEqual(texts(outboxIn(storage, { room: "lobby:2" })), []);
  assert.deepEqual(texts(outboxIn(storage, { owner: "bob" })), []);
});

test("a storage that is full loses nothing while the page is open", () => {
  const storage = new FakeStorage();
  storage.isFull = true;
  const outbox = outboxIn(storage);
  outbox.put({ client_id: "a", message: "one", at: 1 });
  assert.deepEqual(texts(outbox), ["one"]);
  outbox.remove("a");
  assert.deepEqual(texts(outbox), []);
});

test("a storage that is closed to us is done without", () => {
  const closed = new Proxy({}, { get: () => assert.fail("SecurityError") });
  for (const storage of [null, closed]) {
    const outbox = outboxIn(storage);
    outbox.put({ client_id: "a", message: "one", at: 1 });
    assert.deepEqual(texts(outbox), ["one"]);
  }
});

test("what was cut off or is not ours is passed over", () => {
  const storage = new FakeStorage();
  outboxIn(storage).put({ client_id: "a", message: "one", at: 1 });
  storage.setItem("lobby:outbox:alice:lobby:b", '{"client_id": "b", "mess');
  storage.setItem("lobby:outbox:alice:lobby:c", "null");
  storage.setItem("theme", "dark");
  assert.deepEqual(texts(outboxIn(storage)), ["one"]);
});

test("two tabs write into it without losing each other's", () => {
  const storage = new FakeStorage();
  const [one, other] = [outboxIn(storage), outboxIn(storage)];
  one.put({ client_id: "a", message: "from one", at: 1 });
  other.put({ client_id: "b", message: "from the other", at: 2 });
  one.remove("a");
  assert.deepEqual(texts(one), ["from the other"]);
  assert.deepEqual(texts(outboxIn(storage)), ["from the other"]);
});

test("after a reload what waits is shown at once and sent with the same client_id", () => {
  const storage = new FakeStorage();
  const before = new Tab({ storage });
  before.connection.post("written offline");
  const [entry] = before.outbox.entries;
  const after = new Tab({ storage });
  assert.equal(after.timeline.text, "written offline\n");
  after.welcome();
  assert.deepEqual(
    after.sent("post").map((post) => post.client_id),
    [entry.client_id],
  );
});

test("an entry of a tab that was closed is sent by the next tab that opens or comes back", () => {
  const storage = new FakeStorage();
  const other = new Tab({ storage }).open();
  new Tab({ storage }).connection.post("left behind");
  other.socket.end(1006);
  other.clock.advance(1000);
  other.open();
  assert.deepEqual(
    other.sent("post").map((post) => post.message),
    ["left behind"],
  );
});

test("two tabs that send the same entry show it once, and it waits nowhere", () => {
  const storage = new FakeStorage();
  const one = new Tab({ storage });
  one.connection.post("hello");
  const other = new Tab({ storage });
  const message = makeMessage(1, { message: "hello", client_id: one.outbox.entries[0].client_id });
  for (const tab of [one, other]) {
    tab.welcome();
    tab.receive(resetFrame([]));
    tab.ack(tab.sent("post")[0], 1);
    tab.receive({ ...resetFrame([message]), reset: undefined });
    assert.equal(tab.timeline.text, "hello\n");
    assert.deepEqual(tab.timeline.pendings.all, []);
  }
  assert.deepEqual(one.outbox.entries, []);
});

test("an entry whose message is here already is not shown a second time", () => {
  const storage = new FakeStorage();
  const tab = new Tab({ storage }).open([
    makeMessage(1, { message: "hello", client_id: "crashed" }),
  ]);
  outboxIn(storage).put({ client_id: "crashed", message: "hello", at: 1 });
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.welcome();
  assert.equal(tab.timeline.text, "hello\n");
  assert.deepEqual(tab.sent("post"), []);
});

test("what another tab took out no longer waits in one that is offline", () => {
  const storage = new FakeStorage();
  const one = new Tab({ storage });
  one.connection.post("hello");
  const [{ client_id }] = one.outbox.entries;
  const other = new Tab({ storage });
  const key = storage.key(0);
  const taken = other.outbox.takenOutBy({ key, newValue: null });
  assert.equal(taken, client_id);
  assert.equal(other.outbox.takenOutBy({ key, newValue: "{}" }), null);
  assert.equal(other.outbox.takenOutBy({ key: null, newValue: null }), null);
  assert.equal(other.outbox.takenOutBy({ key: "theme", newValue: null }), null);
  one.outbox.remove(client_id);
  other.connection.takenOutElsewhere(taken);
  assert.equal(other.timeline.text, "");
  other.welcome();
  assert.deepEqual(other.sent("post"), []);
});

test("what another tab took out no longer waits for its turn in one that is connected", () => {
  const tab = new Tab().open();
  tab.connection.post("hello");
  const [post] = tab.sent("post");
  tab.connection.takenOutElsewhere(post.client_id);
  assert.equal(tab.timeline.text, "hello\n", "it is on its way");
  tab.refuse(post, "too_fast", { retry_after: 5 });
  tab.connection.takenOutElsewhere(post.client_id);
  assert.equal(tab.timeline.text, "");
  tab.clock.advance(5000);
  assert.equal(tab.sent("post").length, 1);
});

test("what storage has taken over is not kept in memory beside it", () => {
  const storage = new FakeStorage();
  storage.isFull = true;
  const outbox = outboxIn(storage);
  outbox.put({ client_id: "a", message: "one", at: 1 });
  storage.isFull = false;
  outbox.keep({ client_id: "a", message: "one", at: 1, reason: "muted" });
  outboxIn(storage).remove("a");
  assert.deepEqual(texts(outbox), []);
});

/** What alice, a guest, wrote offline, when the socket is back with somebody else on it. */
function backAs(you) {
  const storage = new FakeStorage();
  const tab = new Tab({ storage });
  tab.connection.post("written as alice");
  return { tab: tab.welcome({ you }), storage };
}

test("what was written before one logged in is not sent under the other name by itself", () => {
  const { tab, storage } = backAs({ ...BOB, verified: true });
  assert.deepEqual(tab.sent("post"), []);
  const [{ client_id, state, reason }] = tab.timeline.pendings.all;
  assert.deepEqual([state, reason], ["failed", "of somebody else"]);
  assert.deepEqual(texts(outboxIn(storage)), ["written as alice"], "it stays hers");
  tab.connection.retry(client_id);
  assert.equal(tab.sent("post")[0].client_id, client_id);
  assert.deepEqual(texts(outboxIn(storage)), []);
  assert.deepEqual(texts(outboxIn(storage, { owner: "bob" })), ["written as alice"]);
});

test("it goes when the one who wrote it is back, and nowhere once it is discarded", () => {
  const { tab } = backAs({ ...BOB, verified: true });
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.welcome({ you: ALICE });
  assert.equal(tab.sent("post").length, 1);
  assert.equal(tab.timeline.pendings.all[0].state, "waiting");
  const other = backAs({ ...BOB, verified: true });
  other.tab.connection.discard(other.tab.timeline.pendings.all[0].client_id);
  assert.deepEqual(texts(outboxIn(other.storage)), []);
});

test("a guest whose browser keeps no cookie has another id on each connection, and is sent for", () => {
  const { tab, storage } = backAs({ ...ALICE, id: "another" });
  assert.equal(tab.sent("post").length, 1);
  assert.deepEqual(texts(outboxIn(storage, { owner: "another" })), ["written as alice"]);
});

test("what was refused and discarded in one tab is gone from the others, connected or not", () => {
  const storage = new FakeStorage();
  const one = new Tab({ storage }).open();
  one.connection.post("hello");
  const [post] = one.sent("post");
  one.refuse(post, "too_long");
  const other = new Tab({ storage }).open();
  assert.equal(other.timeline.pendings.all.length, 1);
  one.connection.discard(post.client_id);
  other.connection.takenOutElsewhere(post.client_id);
  assert.deepEqual(other.timeline.pendings.all, []);
});
