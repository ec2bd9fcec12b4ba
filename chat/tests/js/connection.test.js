import assert from "node:assert/strict";
import { test } from "node:test";
import { ALICE, EPOCH, liveFrame, makeMessage, makeMessages, resetFrame, Tab } from "./fakes.js";

test("a socket asks for chat.v1", () => {
  const tab = new Tab();
  assert.equal(tab.socket.url, "ws://test/ws/chat/lobby/");
  assert.deepEqual(tab.socket.protocols, ["chat.v1"]);
});

test("after the welcome, one who holds nothing resumes without a cursor", () => {
  const tab = new Tab().welcome();
  assert.deepEqual(tab.socket.sent, [{ type: "resume" }]);
  assert.equal(tab.state, "open");
});

test("after coming back, the cursor is resumed from", () => {
  const tab = new Tab().open(makeMessages(1, 5));
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.welcome();
  assert.deepEqual(tab.sent("resume"), [{ type: "resume", epoch: EPOCH, after: 5 }]);
});

test("what is typed before the socket is open is sent when it is", () => {
  const tab = new Tab();
  tab.connection.post("early");
  assert.deepEqual(tab.socket.sent, []);
  assert.equal(tab.timeline.text, "early\n");
  tab.welcome();
  assert.deepEqual(
    tab.sent("post").map((post) => post.message),
    ["early"],
  );
});

test("what was not acked is sent again with the same client_id, in order", () => {
  const tab = new Tab().open();
  tab.connection.post("one");
  tab.connection.post("two");
  const before = tab.sent("post");
  tab.socket.end(1006);
  tab.connection.post("three");
  tab.clock.advance(1000);
  tab.welcome();
  const after = tab.sent("post");
  assert.deepEqual(
    after.map((post) => post.message),
    ["one", "two", "three"],
  );
  assert.deepEqual(after.slice(0, 2), before);
});

test("what was acked is not sent again", () => {
  const tab = new Tab().open();
  tab.connection.post("one");
  tab.ack(tab.sent("post")[0], 1);
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.welcome();
  assert.deepEqual(tab.sent("post"), []);
  assert.deepEqual(tab.outbox.entries, []);
});

test("a message that arrives in a resume is not sent again, though its ack was lost", () => {
  const tab = new Tab().open();
  tab.connection.post("one");
  const [post] = tab.sent("post");
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.welcome();
  const message = makeMessage(1, { client_id: post.client_id, message: "one", author: ALICE });
  tab.receive(liveFrame(message));
  tab.socket.end(1006);
  tab.clock.advance(2000);
  tab.welcome();
  assert.deepEqual(tab.sent("post"), []);
  assert.equal(tab.timeline.text, "one\n");
});

test("a gap is asked for once while the answer is on its way", () => {
  const tab = new Tab().open(makeMessages(1, 5));
  tab.receive(liveFrame(makeMessage(8)));
  tab.receive(liveFrame(makeMessage(9)));
  assert.equal(tab.sent("resume").length, 2, "one at the welcome, one for the gap");
  assert.equal(tab.sent("resume")[1].after, 5);
  tab.receive({
    type: "changes",
    epoch: EPOCH,
    after: 5,
    revision: 9,
    messages: makeMessages(6, 9),
  });
  tab.receive(liveFrame(makeMessage(12)));
  assert.equal(tab.sent("resume").length, 3);
});

test("another epoch is answered by a resume, and the reset is taken", () => {
  const tab = new Tab().open(makeMessages(1, 5));
  tab.receive({ ...liveFrame(makeMessage(1)), epoch: "e2" });
  assert.equal(tab.sent("resume").length, 2);
  tab.receive(resetFrame([makeMessage(1, { message: "new life" })], { epoch: "e2" }));
  assert.equal(tab.timeline.text, "new life\n");
});

test("a resume that the server cannot answer now is asked again", () => {
  const tab = new Tab().welcome();
  tab.receive({ type: "error", code: "unavailable", message: "…", retry_after: 2 });
  tab.clock.advance(1900);
  assert.equal(tab.sent("resume").length, 1);
  tab.clock.advance(200);
  assert.equal(tab.sent("resume").length, 2);
});

for (const code of ["busy", "unavailable"]) {
  test(`${code}: the same client_id goes again after retry_after`, () => {
    const tab = new Tab().open();
    tab.connection.post("one");
    const [post] = tab.sent("post");
    tab.refuse(post, code, { retry_after: 2 });
    tab.connection.post("two");
    assert.equal(tab.sent("post").length, 1, "the next one waits behind it");
    tab.clock.advance(2000);
    assert.deepEqual(
      tab.sent("post").map((p) => p.message),
      ["one", "one", "two"],
    );
    assert.equal(tab.sent("post")[1].client_id, post.client_id);
    assert.equal(tab.timeline.pendings.get(post.client_id).state, "waiting");
  });
}

test("without retry_after the wait is doubled each time, to 15 s", () => {
  const tab = new Tab().open();
  tab.connection.post("one");
  for (const ms of [1000, 2000, 4000, 8000, 15_000]) {
    const sent = tab.sent("post").length;
    tab.refuse(tab.sent("post")[0], "unavailable");
    tab.clock.advance(ms - 1);
    assert.equal(tab.sent("post").length, sent);
    tab.clock.advance(1);
    assert.equal(tab.sent("post").length, sent + 1);
  }
});

test("any other error shows the reason, and the text goes only when it is told to", () => {
  const tab = new Tab().open();
  tab.connection.post("one");
  const [post] = tab.sent("post");
  tab.refuse(post, "too_long");
  assert.equal(tab.timeline.pendings.get(post.client_id).reason, "refused: too_long");
  assert.equal(tab.outbox.entries[0].reason, "refused: too_long", "a reload does not lose it");
  tab.connection.retry(post.client_id);
  assert.equal(tab.sent("post").length, 2);
  assert.equal(tab.sent("post")[1].client_id, post.client_id);
  tab.refuse(post, "too_long");
  tab.connection.discard(post.client_id);
  assert.equal(tab.timeline.text, "");
  assert.deepEqual(tab.outbox.entries, []);
});

test("what waits can be said otherwise, or not at all, until it has gone once", () => {
  const tab = new Tab().open();
  tab.socket.end(1006);
  tab.connection.post("one");
  tab.connection.post("two");
  const [one, two] = tab.timeline.pendings.posts.map(({ client_id }) => client_id);
  assert.equal(tab.connection.rewrite(one, "ONE"), true);
  assert.equal(tab.timeline.text, "ONE\ntwo\n");
  tab.connection.discard(two);
  tab.clock.advance(1000);
  tab.welcome();
  const said = () => tab.sent("post").map(({ message, client_id }) => [message, client_id]);
  assert.deepEqual(said(), [["ONE", one]]);
  assert.equal(tab.connection.rewrite(one, "too late"), false);
  tab.socket.end(1006);
  assert.equal(tab.connection.rewrite(one, "it may be stored"), false);
});

test("what was refused is said otherwise under the same client_id", () => {
  const tab = new Tab().open();
  tab.connection.post("a\0b");
  const [{ client_id }] = tab.sent("post");
  tab.socket.receive({ type: "error", client_id, code: "invalid", message: "No." });
  assert.equal(tab.connection.rewrite(client_id, "ab"), true);
  assert.deepEqual(tab.sent("post").at(-1).message, "ab");
  assert.deepEqual(tab.sent("post").at(-1).client_id, client_id);
  assert.equal(tab.timeline.pendings.get(client_id).state, "waiting");
});

test("at most 32 writes wait for their answer", () => {
  const tab = new Tab().open();
  for (let count = 1; count <= 40; count++) tab.connection.post(`post ${count}`);
  assert.equal(tab.sent("post").length, 32);
  tab.ack(tab.sent("post")[0], 1);
  tab.ack(tab.sent("post")[1], 2);
  assert.equal(tab.sent("post").length, 34);
  assert.equal(tab.sent("post")[33].message, "post 34");
});

test("the server may allow fewer", () => {
  const tab = new Tab().welcome({ limits: { in_flight: 2 } });
  for (let count = 1; count <= 5; count++) tab.connection.post(`post ${count}`);
  assert.equal(tab.sent("post").length, 2);
});

test("a page of history is asked for and comes", async () => {
  const tab = new Tab().welcome();
  const loading = tab.connection.loadHistory(51, 50);
  assert.deepEqual(tab.sent("history"), [{ type: "history", before: 51, limit: 50 }]);
  tab.receive({ type: "history", messages: makeMessages(1, 50), more: false });
  const { messages, more } = await loading;
  assert.deepEqual([messages.length, more], [50, false]);
});

test("a page of history that never comes is no wait for ever", async () => {
  const tab = new Tab().welcome();
  tab.receive(resetFrame(makeMessages(51, 100), { more: true }));
  const loading = tab.connection.loadHistory(51, 50);
  await assert.rejects(tab.connection.loadHistory(51, 50), "one at a time");
  tab.socket.end(1006);
  await assert.rejects(loading);
});

test("a new name is told to the server, and its ack to the page", async () => {
  const tab = new Tab().open();
  const renaming = tab.connection.rename("Alicia");
  const [rename] = tab.sent("rename");
  assert.equal(rename.name, "Alicia");
  tab.receive({ type: "ack", client_id: rename.client_id, you: { ...ALICE, name: "Alicia" } });
  assert.equal((await renaming).you.name, "Alicia");
});

test("a new name waits for the socket, and only the newest goes", async () => {
  const tab = new Tab();
  const first = tab.connection.rename("Alicia");
  tab.connection.rename("Ally");
  assert.equal(await first, undefined);
  tab.welcome();
  assert.deepEqual(
    tab.sent("rename").map((rename) => rename.name),
    ["Ally"],
  );
});

test("a refused name says why", async () => {
  const tab = new Tab().open();
  const renaming = tab.connection.rename("");
  tab.refuse(tab.sent("rename")[0], "empty");
  await assert.rejects(renaming, /refused: empty/);
});

test("frames and fields that are not known are ignored", () => {
  const tab = new Tab().open();
  tab.receive({ type: "presence", joined: [ALICE] });
  tab.receive({ type: "ack", client_id: "nobody's", sequence: 3, revision: 3 });
  tab.receive({ type: "error", code: "bad_frame", message: "…" });
  tab.socket.dispatchEvent(Object.assign(new Event("message"), { data: "no json" }));
  tab.receive(liveFrame(makeMessage(1, { colour: "green" })));
  assert.equal(tab.timeline.text, "text 1\n");
});
