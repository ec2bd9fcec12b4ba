/** What a search has found so far: pages, what is no longer asked, what was deleted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Found } from "lobby/state/found";
import { makeMessage } from "./fakes.js";

const hit = (sequence, room = "tea") => ({
  room,
  message: makeMessage(sequence),
  context: [["tea", true]],
});

const page = (...sequences) => ({ query: "tea", hits: sequences.map((sequence) => hit(sequence)) });

const places = (found) => found.hits.map(({ message }) => message.sequence);

function begun(query = "tea", everywhere = false) {
  const found = new Found();
  found.begin(query, everywhere);
  return found;
}

test("pages follow each other, and each is asked for once", () => {
  const found = begun();
  assert.deepEqual(found.question, { type: "search", query: "tea" });
  assert.ok(found.take({ ...page(9, 8), cursor: 80 }));
  assert.equal(found.question, null);
  assert.ok(found.hasMore);
  found.goOn();
  assert.deepEqual(found.question, { type: "search", query: "tea", cursor: 80 });
  assert.ok(found.take({ ...page(8, 5), incomplete: true }));
  assert.deepEqual(places(found), [9, 8, 5], "what is known already stands there once");
  assert.ok(found.isIncomplete);
  assert.ok(!found.hasMore);
  found.goOn();
  assert.equal(found.question, null);
});

test("an answer to what is no longer asked is not taken", () => {
  const found = begun("coffee");
  found.begin("tea", true);
  assert.deepEqual(found.question, { type: "search", query: "tea", everywhere: true });
  assert.ok(!found.take({ ...page(3), query: "coffee" }));
  assert.ok(!found.take(page(3)), "that was of one room");
  assert.ok(found.take({ ...page(4), everywhere: true }));
  assert.ok(!found.take({ ...page(3), everywhere: true }));
  assert.deepEqual(places(found), [4]);
});

test("a new search forgets what was found, and a refusal stands until then", () => {
  const found = begun();
  found.take({ ...page(9), cursor: 80 });
  found.begin("before:noon", false);
  assert.deepEqual(places(found), []);
  assert.ok(!found.hasMore);
  found.refuse("That is no date.");
  assert.equal(found.question, null);
  assert.equal(found.refusal, "That is no date.");
  found.begin("tea", false);
  assert.equal(found.refusal, "");
});

test("a message that was deleted is dropped, and one of the same place in another room is not", () => {
  const found = begun();
  found.take({ query: "tea", hits: [hit(3), hit(3, "coffee")] });
  assert.ok(found.drop("tea", 3));
  assert.ok(!found.drop("tea", 3));
  assert.deepEqual(
    found.hits.map(({ room }) => room),
    ["coffee"],
  );
});
