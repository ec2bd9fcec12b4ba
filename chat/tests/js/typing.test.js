import assert from "node:assert/strict";
import { test } from "node:test";
import { TypingNotice, TypingPeople } from "lobby/people/typing";
import { Me } from "lobby/state/me";
import { ALICE, FakeClock } from "./fakes.js";

function watch() {
  const clock = new FakeClock();
  const shown = { names: [] };
  const me = new Me(ALICE);
  const typing = new TypingPeople({
    me,
    environment: clock,
    onChange: (names) => {
      shown.names = names;
    },
  });
  return { me, clock, typing, shown };
}

const frame = (...people) => ({
  names: people,
  ids: people.map((name) => name.toLowerCase()),
});

test("who types is shown, but not oneself", () => {
  const { typing, shown } = watch();
  typing.take(frame("Alice", "Bob"));
  assert.deepEqual(shown.names, ["Bob"]);
});

test("oneself is known by id, not by name", () => {
  const { typing, shown } = watch();
  typing.take({ names: ["Alice"], ids: ["another"] });
  assert.deepEqual(shown.names, ["Alice"]);
});

test("who is blocked is not shown, from the moment they are blocked", () => {
  const { me, typing, shown } = watch();
  typing.take(frame("Bob", "Charlie"));
  me.block("bob", true);
  assert.deepEqual(shown.names, ["Charlie"]);
  me.block("bob", false);
  assert.deepEqual(shown.names, ["Bob", "Charlie"]);
});

test("it is over after 5 s, unless somebody goes on", () => {
  const { clock, typing, shown } = watch();
  typing.take(frame("Bob"));
  clock.advance(4_000);
  typing.take(frame("Bob"));
  clock.advance(4_000);
  assert.deepEqual(shown.names, ["Bob"]);
  clock.advance(1_000);
  assert.deepEqual(shown.names, []);
});

test("it is over when their message is here, for them alone", () => {
  const { typing, shown } = watch();
  typing.take(frame("Bob", "Charlie"));
  typing.said("bob");
  assert.deepEqual(shown.names, ["Charlie"]);
});

test("an empty frame ends it", () => {
  const { typing, shown } = watch();
  typing.take(frame("Bob"));
  typing.take(frame());
  assert.deepEqual(shown.names, []);
});

function told(isConnected = true) {
  const clock = new FakeClock();
  const said = [];
  const typing = new TypingNotice({
    now: () => clock.now,
    send: (on) => {
      said.push(on);
      return isConnected;
    },
  });
  return { clock, typing, said, count: () => said.length };
}

test("writing is told at most every 3 s", () => {
  const { clock, typing, count } = told();
  for (let ms = 0; ms < 6_000; ms += 100) {
    typing.wrote("hello");
    clock.advance(100);
  }
  assert.equal(count(), 2);
});

test("the first key of another message is told at once", () => {
  const { typing, count } = told();
  typing.wrote("hello");
  typing.said();
  typing.wrote("a");
  typing.wrote("ag");
  assert.equal(count(), 2);
});

test("an act, white space and an empty box are no message", () => {
  const { typing, count } = told();
  for (const text of ["", "  \n", "/", "/help", "/topic the weather"]) typing.wrote(text);
  assert.equal(count(), 0);
  typing.wrote("//help");
  assert.equal(count(), 1);
});

test("what could not be told is told with the next key", () => {
  const { typing, count } = told(false);
  typing.wrote("h");
  typing.wrote("he");
  assert.equal(count(), 2);
});

test("a draft that is empty again, or an edit that is saved, ends it once", () => {
  const { clock, typing, said } = told();
  typing.wrote("hello");
  typing.wrote("");
  typing.wrote("");
  typing.wrote("hello");
  typing.stopped();
  typing.stopped();
  assert.deepEqual(said, [true, false, true, false]);
  typing.wrote("hello");
  clock.advance(5_000);
  typing.wrote("");
  assert.equal(said.length, 5, "it has ended by itself");
});
