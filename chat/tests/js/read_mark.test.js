import assert from "node:assert/strict";
import { test } from "node:test";
import { Me } from "lobby/state/me";
import { Timeline } from "lobby/state/timeline";
import { countUnread, firstUnread, ReadMark, readMark, titleWith } from "lobby/state/unread";
import {
  ALICE,
  BOB,
  EPOCH,
  FakeClock,
  FakeStorage,
  makeMessage,
  makeMessages,
  resetFrame,
} from "./fakes.js";

function visit({ storage = new FakeStorage(), owner = "alice", room = "lobby" } = {}) {
  const clock = new FakeClock();
  const visited = { clock, storage, told: [], isConnected: true };
  visited.mark = new ReadMark({
    storage,
    environment: clock,
    room,
    owner,
    send: (sequence) => {
      if (visited.isConnected) visited.told.push(sequence);
      return visited.isConnected;
    },
  });
  visited.welcome = ({ seen, sequence = 100, epoch = EPOCH } = {}) =>
    visited.mark.welcome({ epoch, sequence, standing: { seen }, you: { id: owner } });
  return visited;
}

test("what was read is told at most once a second, and always the newest", () => {
  const { clock, mark, told, welcome } = visit();
  welcome();
  for (let sequence = 1; sequence <= 20; sequence++) {
    mark.saw(sequence, EPOCH);
    clock.advance(100);
  }
  clock.advance(1_000);
  assert.deepEqual(told, [1, 10, 20]);
});

test("who looks away has told at once what was read", () => {
  const { mark, told, welcome } = visit();
  welcome();
  mark.saw(1, EPOCH);
  mark.saw(2, EPOCH);
  mark.leave();
  mark.leave();
  assert.deepEqual(told, [1, 2]);
});

test("the mark never goes back", () => {
  const { clock, mark, told, welcome } = visit();
  welcome({ seen: 50 });
  mark.saw(20, EPOCH);
  clock.advance(2_000);
  assert.equal(mark.seen, 50);
  assert.deepEqual(told, []);
});

test("what could not be told is told after the next welcome", () => {
  const visited = visit();
  visited.welcome();
  visited.isConnected = false;
  visited.mark.saw(7, EPOCH);
  visited.clock.advance(5_000);
  visited.isConnected = true;
  visited.welcome();
  assert.deepEqual(visited.told, [7]);
});

test("a guest whom the server does not know yet finds the mark again", () => {
  const storage = new FakeStorage();
  const first = visit({ storage });
  first.welcome({ epoch: null, sequence: 0 });
  first.mark.saw(3, EPOCH);
  const second = visit({ storage });
  second.welcome();
  assert.equal(second.mark.seen, 3);
});

test("the mark is of one person, one room and one life of the room", () => {
  const storage = new FakeStorage();
  const first = visit({ storage });
  first.welcome();
  first.mark.saw(30, EPOCH);
  for (const [options, welcome] of [
    [{ owner: "bob" }, {}],
    [{ room: "elsewhere" }, {}],
    [{}, { epoch: "e2" }],
  ]) {
    const other = visit({ storage, ...options });
    other.welcome(welcome);
    assert.equal(other.mark.seen, 0);
  }
});

test("when the room's life ends in the middle, the mark begins anew", () => {
  const { mark, welcome } = visit();
  welcome({ seen: 90 });
  mark.saw(2, "e2");
  assert.equal(mark.seen, 2);
});

test("a mark beyond the end of the room is not believed", () => {
  const { mark, welcome } = visit();
  welcome({ seen: 90, sequence: 10 });
  assert.equal(mark.seen, 10);
});

test("a storage that is closed, full or spoilt costs nothing but the memory", () => {
  const full = new FakeStorage();
  full.isFull = true;
  const spoilt = new FakeStorage();
  spoilt.setItem("lobby:seen:lobby", "{");
  for (const storage of [null, full, spoilt]) {
    const { mark, welcome } = visit({ storage });
    welcome();
    mark.saw(4, EPOCH);
    assert.equal(mark.seen, 4);
  }
  assert.deepEqual(readMark(spoilt, "elsewhere"), { seen: 0 });
});

test("what is unread: after the mark, and news to the reader", () => {
  const timeline = new Timeline(new Me(ALICE));
  const messages = makeMessages(1, 6);
  messages[3] = makeMessage(4, { author: ALICE });
  messages[4] = makeMessage(5, { deleted: true });
  timeline.applyChanges(resetFrame(messages));
  const isNews = ({ author, deleted }) => author.id === BOB.id && !deleted;
  const unread = (held, seen) => [countUnread(held, seen, isNews), firstUnread(held, seen, isNews)];
  assert.deepEqual(unread(timeline, 2), [2, 3]);
  assert.deepEqual(unread(timeline, 3), [1, 6]);
  assert.deepEqual(unread(timeline, 6), [0, undefined]);
  assert.deepEqual(unread(new Timeline(new Me(ALICE)), 0), [0, undefined]);
});

test("no more than 100 unread messages are looked at", () => {
  const timeline = new Timeline(new Me(ALICE));
  timeline.applyChanges(resetFrame(makeMessages(1, 5_000)));
  let looks = 0;
  const isNews = () => ++looks > 0;
  assert.equal(countUnread(timeline, 0, isNews), 100);
  assert.equal(firstUnread(timeline, 0, isNews), 1);
  assert.equal(looks, 101);
});

test("the title counts, and forgets", () => {
  assert.equal(titleWith(3, "lobby"), "(3) lobby");
  assert.equal(titleWith(99, "lobby"), "(99) lobby");
  assert.equal(titleWith(100, "lobby"), "(99+) lobby");
  assert.equal(titleWith(0, "lobby"), "lobby");
});
