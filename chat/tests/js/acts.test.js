import assert from "node:assert/strict";
import { test } from "node:test";
import { ALICE, makeMessages, Tab } from "./fakes.js";

const BAN = { type: "moderate", act: "ban", id: "bob" };

test("an act is answered by its ack", async () => {
  const tab = new Tab().open();
  const acting = tab.connection.act(BAN);
  const [sent] = tab.sent("moderate");
  assert.deepEqual({ ...sent, client_id: "" }, { ...BAN, client_id: "" });
  tab.receive({ type: "ack", client_id: sent.client_id, notice: "Bob is banned." });
  assert.equal((await acting).notice, "Bob is banned.");
});

test("an act that is refused says why, with the code", async () => {
  const tab = new Tab().open();
  const acting = tab.connection.act(BAN);
  tab.refuse(tab.sent("moderate")[0], "forbidden");
  await assert.rejects(acting, { code: "forbidden", message: "refused: forbidden" });
});

test("an act survives a reconnect under the same client_id, and is done once", async () => {
  const tab = new Tab().open();
  const acting = tab.connection.act(BAN);
  const [first] = tab.sent("moderate");
  tab.socket.end(1006);
  tab.clock.advance(1000);
  tab.open();
  assert.deepEqual(tab.sent("moderate"), [first]);
  tab.receive({ type: "ack", client_id: first.client_id });
  await acting;
  tab.socket.end(1006);
  tab.clock.advance(2000);
  tab.open();
  assert.deepEqual(tab.sent("moderate"), []);
});

test("an act waits for the socket", async () => {
  const tab = new Tab();
  const acting = tab.connection.act(BAN);
  tab.open();
  const [sent] = tab.sent("moderate");
  tab.receive({ type: "ack", client_id: sent.client_id });
  await acting;
});

for (const when of ["before", "after"]) {
  test(`nobody waits for an act's answer when the socket is closed for good ${when} it`, async () => {
    const tab = new Tab().open();
    const early = when === "before" ? null : tab.connection.act(BAN);
    tab.socket.end(4403);
    await assert.rejects(early ?? tab.connection.act(BAN), { code: "gone" });
  });
}

test("what needs no answer is sent while the socket is open, and never later", () => {
  const tab = new Tab();
  assert.equal(tab.connection.say({ type: "typing" }), false);
  tab.open();
  assert.deepEqual(tab.sent("typing"), []);
  assert.equal(tab.connection.say({ type: "typing" }), true);
  assert.deepEqual(tab.sent("typing"), [{ type: "typing" }]);
});

test("events are told to all who listen, after the connection has taken them", () => {
  const tab = new Tab();
  const heard = [];
  tab.connection.on("presence", ({ count }) => heard.push(count));
  tab.connection.on("presence", ({ count }) => heard.push(-count));
  tab.connection.on("changes", () => heard.push(tab.timeline.last));
  tab.open(makeMessages(1, 3));
  tab.receive({ type: "presence", count: 2 });
  assert.deepEqual(heard, [3, 2, -2]);
});

test("a mute ends by this machine's clock, however wrong that is", () => {
  const tab = new Tab();
  const ends = [];
  tab.me.subscribe(() => ends.push(Date.parse(tab.me.permissions.muted_until) - tab.clock.now));
  const standing = { muted_until: "2026-11-20T11:00:00Z", muted_for: 60 };
  tab.welcome({ standing });
  tab.receive({ type: "standing", ...standing });
  assert.deepEqual(ends, [60_000, 60_000]);
});

test("a slash command is no message: its ack takes it away, and what it did is told", () => {
  const tab = new Tab().open();
  const done = [];
  tab.connection.on("done", ({ notice }) => done.push(notice));
  tab.connection.post("/kick bob");
  const [post] = tab.sent("post");
  tab.receive({ type: "ack", client_id: post.client_id, notice: "Bob is out." });
  assert.equal(tab.timeline.text, "");
  assert.deepEqual(tab.outbox.entries, []);
  assert.deepEqual(done, ["Bob is out."]);
});

test("a reply says what it answers, also after a reload", () => {
  const tab = new Tab();
  tab.connection.post("yes", 7);
  assert.equal(tab.timeline.pendings.all[0].reply_to, 7);
  assert.equal(tab.outbox.entries[0].reply_to, 7);
  tab.open();
  assert.equal(tab.sent("post")[0].reply_to, 7);
  tab.refuse(tab.sent("post")[0], "muted");
  assert.equal(tab.outbox.entries[0].reply_to, 7);
});

// --- Slow mode and being too fast ---

function slowed(seconds, ...texts) {
  const tab = new Tab().open();
  for (const text of texts) tab.connection.post(text);
  for (const post of tab.sent("post")) tab.refuse(post, "slow_mode", { retry_after: seconds });
  return tab;
}

const texts = (tab) => tab.sent("post").map(({ message }) => message);

test("in slow mode the writer sees when the message goes, and it goes by itself", () => {
  const tab = slowed(8, "one");
  const [pending] = tab.timeline.pendings.all;
  assert.equal(pending.state, "waiting");
  assert.equal(pending.reason, "refused: slow_mode");
  assert.equal(pending.goesAt, tab.clock.now + 8000);
  tab.clock.advance(7999);
  assert.deepEqual(texts(tab), ["one"]);
  tab.clock.advance(1);
  assert.deepEqual(texts(tab), ["one", "one"]);
});

test("slow mode holds up messages and nothing else", () => {
  const tab = slowed(600, "one");
  tab.connection.act({ type: "react", sequence: 1, emoji: "👍", on: true });
  tab.connection.post("two");
  assert.equal(tab.sent("react").length, 1);
  assert.deepEqual(texts(tab), ["one"]);
});

test("after being too fast, messages go one by one and in order until none waits", () => {
  const tab = slowed(2, "one", "two", "three");
  tab.clock.advance(2000);
  assert.deepEqual(texts(tab).slice(3), ["one"]);
  tab.ack(tab.sent("post").at(-1), 1);
  assert.deepEqual(texts(tab).slice(3), ["one", "two"]);
  tab.refuse(tab.sent("post").at(-1), "slow_mode", { retry_after: 2 });
  tab.clock.advance(2000);
  tab.ack(tab.sent("post").at(-1), 2);
  tab.ack(tab.sent("post").at(-1), 3);
  assert.deepEqual(texts(tab).slice(3), ["one", "two", "two", "three"]);
  tab.connection.post("four");
  tab.connection.post("five");
  assert.deepEqual(texts(tab).slice(-2), ["four", "five"], "and then as before");
});

test("a question that came too soon holds up no message", () => {
  const tab = new Tab().open();
  tab.connection.say({ type: "people", query: "bo" });
  tab.receive({ type: "error", code: "too_fast", message: "…", retry_after: 10 });
  tab.connection.post("one");
  assert.deepEqual(texts(tab), ["one"]);
});

test("a rename that was replaced while it waited is not waited for", async () => {
  const tab = new Tab();
  const first = tab.connection.rename("Alicia");
  const second = tab.connection.rename("Ally");
  tab.open();
  const [rename] = tab.sent("rename");
  tab.receive({ type: "ack", client_id: rename.client_id, you: { ...ALICE, name: "Ally" } });
  assert.equal(await first, undefined);
  assert.equal((await second).you.name, "Ally");
});
