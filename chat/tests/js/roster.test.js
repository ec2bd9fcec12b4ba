import assert from "node:assert/strict";
import { test } from "node:test";
import { Roster } from "lobby/state/roster";
import { ALICE, BOB } from "./fakes.js";

const CHARLIE = { id: "charlie", name: "Charlie", role: "moderator" };

function rosterOf(...present) {
  const roster = new Roster();
  roster.take({ present, count: present.length });
  return roster;
}

const names = (roster, yourId) => roster.list(yourId).map(({ name }) => name);

test("people stand by name, and oneself first", () => {
  const roster = rosterOf(CHARLIE, BOB, ALICE);
  assert.deepEqual(names(roster, "charlie"), ["Charlie", "Alice", "Bob"]);
  assert.deepEqual(roster.names, ["Alice", "Bob", "Charlie"]);
});

test("numbers in names are counted, and people of one name always stand in the same order", () => {
  const people = ["Otter 10", "Otter 9"].map((name) => ({ id: name, name }));
  assert.deepEqual(names(rosterOf(...people)), ["Otter 9", "Otter 10"]);
  const twins = [
    { id: "b", name: "Otter" },
    { id: "a", name: "Otter" },
  ];
  for (const order of [twins, [...twins].reverse()])
    assert.deepEqual(
      rosterOf(...order)
        .list()
        .map(({ id }) => id),
      ["a", "b"],
    );
});

test("who joins is put in, who leaves is taken out, and the count is the server's", () => {
  const roster = rosterOf(ALICE, BOB);
  roster.take({ joined: [CHARLIE], left: ["bob"], count: 2 });
  assert.deepEqual(names(roster), ["Alice", "Charlie"]);
  assert.equal(roster.count, 2);
  assert.equal(roster.isComplete, true);
});

test("who joins again has another name or role", () => {
  const roster = rosterOf(ALICE, BOB);
  roster.take({ joined: [{ ...BOB, name: "Robert", role: "owner" }], count: 2 });
  assert.deepEqual(names(roster), ["Alice", "Robert"]);
  assert.equal(roster.find("bob").role, "owner");
});

test("one frame may take somebody out who was never known", () => {
  const roster = rosterOf(ALICE);
  roster.take({ left: ["nobody"], count: 1 });
  assert.deepEqual(names(roster), ["Alice"]);
});

test("a list of everybody replaces what was known", () => {
  const roster = rosterOf(ALICE, BOB);
  roster.take({ present: [CHARLIE], count: 1 });
  assert.deepEqual(names(roster), ["Charlie"]);
  roster.take({ present: [], count: 0 });
  assert.deepEqual(names(roster), []);
});

test("a count without names says that not everybody is known", () => {
  const roster = rosterOf(ALICE, BOB);
  roster.take({ count: 150 });
  assert.equal(roster.isComplete, false);
  assert.equal(roster.count, 150);
  roster.take({ present: [ALICE, BOB, CHARLIE], count: 3 });
  assert.equal(roster.isComplete, true);
});

test("a listener hears of every frame", () => {
  const roster = new Roster();
  const counts = [];
  roster.subscribe(() => counts.push(roster.count));
  roster.take({ present: [ALICE], count: 1 });
  roster.take({ joined: [BOB], count: 2 });
  assert.deepEqual(counts, [1, 2]);
});
