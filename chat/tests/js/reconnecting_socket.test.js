import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, LONGEST_MS, SHORTEST_MS } from "lobby/net/reconnecting_socket";
import { liveFrame, makeMessage, Tab } from "./fakes.js";

test("backoff doubles from 0.5 s to 15 s, whatever the dice say", () => {
  assert.equal(SHORTEST_MS, 500);
  assert.equal(LONGEST_MS, 15_000);
  for (let attempt = 0; attempt < 2000; attempt++) {
    for (const dice of [0, 0.3, 0.999_999]) {
      const ms = backoffMs(attempt, () => dice);
      assert.ok(ms >= 500 && ms <= 15_000, `${ms} ms at attempt ${attempt}`);
    }
  }
  assert.equal(
    backoffMs(0, () => 0),
    500,
  );
  assert.equal(
    backoffMs(3, () => 0),
    2 * backoffMs(2, () => 0),
  );
  assert.equal(
    backoffMs(99, () => 1),
    15_000,
  );
});

test("backoff spreads those who come back over half of its time", () => {
  const spread = new Set(Array.from({ length: 50 }, () => backoffMs(5)));
  assert.ok(spread.size > 40);
});

test("a lost socket comes back later and later", () => {
  const tab = new Tab({ random: () => 0 });
  for (const ms of [500, 1000, 2000, 4000, 7500, 7500]) {
    const count = tab.sockets.length;
    tab.socket.end(1006);
    assert.equal(tab.state, "offline");
    tab.clock.advance(ms - 1);
    assert.equal(tab.sockets.length, count);
    tab.clock.advance(1);
    assert.equal(tab.sockets.length, count + 1);
  }
});

test("the next attempt is told, and can be made now", () => {
  const tab = new Tab({ random: () => 0 });
  tab.socket.end(1006);
  assert.equal(tab.connection.retryAt, tab.clock.now + 500);
  const told = tab.states.length;
  tab.connection.reconnect();
  assert.equal(tab.sockets.length, 2);
  assert.equal(tab.connection.retryAt, null);
  tab.socket.end(1006);
  assert.equal(tab.connection.retryAt, tab.clock.now + 1000);
  assert.equal(tab.states.length, told + 2, "each time it is another");
  assert.equal(tab.state, "offline");
});

test("who was sent away for flooding waits, whatever they press", () => {
  const tab = new Tab();
  tab.socket.end(4429);
  tab.connection.reconnect();
  assert.equal(tab.sockets.length, 1);
});

test("a socket that lived starts the backoff anew, one that is closed at once does not", () => {
  const tab = new Tab({ random: () => 0 });
  tab.socket.end(1006);
  tab.clock.advance(500);
  tab.open();
  tab.socket.end(1006);
  tab.clock.advance(500);
  assert.equal(tab.sockets.length, 2, "closed at once: 1 s");
  tab.clock.advance(500);
  tab.open();
  tab.clock.advance(10_000);
  tab.socket.end(4012);
  tab.clock.advance(500);
  assert.equal(tab.sockets.length, 4, "lived: 0.5 s");
});

for (const [name, wake] of [
  ["online", (tab) => tab.wake(tab.window, "online")],
  ["visibilitychange", (tab) => tab.wake(tab.document, "visibilitychange")],
  ["pageshow", (tab) => tab.wake(tab.window, "pageshow", { persisted: true })],
]) {
  test(`${name} retries at once`, () => {
    const tab = new Tab();
    tab.socket.end(1006);
    wake(tab);
    assert.equal(tab.sockets.length, 2);
    tab.clock.advance(4000);
    assert.equal(tab.sockets.length, 2, "what was planned for later is not done as well");
  });

  test(`${name} does not trust a socket that looks open`, () => {
    const tab = new Tab().open();
    wake(tab);
    assert.equal(tab.sent("resume").length, 2);
    tab.clock.advance(5000);
    assert.equal(tab.socket.isClosed, true);
    assert.equal(tab.state, "offline");
    tab.clock.advance(1000);
    assert.equal(tab.sockets.length, 2);
  });

  test(`${name} keeps a socket that answers`, () => {
    const tab = new Tab().open();
    wake(tab);
    tab.receive(liveFrame(makeMessage(1)));
    tab.clock.advance(10_000);
    assert.equal(tab.sockets.length, 1);
    assert.equal(tab.state, "open");
  });
}

test("a page that is hidden is no reason to retry", () => {
  const tab = new Tab();
  tab.socket.end(1006);
  tab.document.visibilityState = "hidden";
  tab.wake(tab.document, "visibilitychange");
  assert.equal(tab.sockets.length, 1);
});

test("a browser that goes offline says so at once, and comes back with what was written", () => {
  const tab = new Tab().open();
  tab.wake(tab.window, "offline");
  assert.equal(tab.state, "offline");
  tab.connection.post("in a tunnel");
  tab.wake(tab.window, "online");
  tab.welcome();
  assert.equal(tab.state, "open");
  assert.deepEqual(
    tab.sent("post").map((post) => post.message),
    ["in a tunnel"],
  );
});

test("what an abandoned socket still says is not heard", () => {
  const tab = new Tab().open();
  const abandoned = tab.socket;
  tab.wake(tab.window, "offline");
  abandoned.receive(liveFrame(makeMessage(1, { message: "ghost" })));
  abandoned.end(4403);
  assert.equal(tab.timeline.text, "");
  assert.equal(tab.state, "offline");
});

test("a post that nobody answers shows that the socket is dead", () => {
  const tab = new Tab().open();
  tab.connection.post("anyone?");
  tab.clock.advance(15_000);
  assert.equal(tab.state, "offline");
});

test("a long silence is asked about, and a silence after that is the end", () => {
  const tab = new Tab().open();
  tab.clock.advance(60_000);
  assert.equal(tab.sent("resume").length, 2);
  assert.equal(tab.state, "open");
  tab.clock.advance(15_000);
  assert.equal(tab.state, "offline");
});

test("a handshake that hangs is given up", () => {
  const tab = new Tab();
  tab.clock.advance(15_000);
  assert.equal(tab.sockets[0].isClosed, true);
  assert.equal(tab.state, "offline");
});

for (const code of [4401, 4403, 4404]) {
  test(`${code} does not come back by itself`, () => {
    const tab = new Tab().open();
    tab.socket.end(code);
    assert.deepEqual(tab.states.at(-1), ["closed", code]);
    tab.wake(tab.window, "online");
    tab.wake(tab.window, "pageshow", { persisted: true });
    tab.clock.advance(600_000);
    assert.equal(tab.sockets.length, 1);
  });
}

test("4429 comes back later, and not because a tab is looked at", () => {
  const tab = new Tab({ random: () => 0 }).open();
  tab.socket.end(4429);
  tab.wake(tab.document, "visibilitychange");
  tab.clock.advance(7499);
  assert.equal(tab.sockets.length, 1);
  tab.clock.advance(1);
  assert.equal(tab.sockets.length, 2);
});

test("4012 and 4408 come back and resume", () => {
  for (const code of [4012, 4408]) {
    const tab = new Tab().open([makeMessage(1)]);
    tab.socket.end(code);
    tab.clock.advance(1000);
    tab.welcome();
    assert.equal(tab.sent("resume")[0].after, 1);
  }
});
