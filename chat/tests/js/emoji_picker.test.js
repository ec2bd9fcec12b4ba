import assert from "node:assert/strict";
import { test } from "node:test";
import { EmojiPicker, search, stepped } from "lobby/lib/emoji_picker";
import { FakeStorage } from "./fakes.js";

const ROWS = [
  ["😼", "smirk_cat", "face ironic wry", 0],
  ["❤️‍🔥", "heart_on_fire", "burn love", 0],
  ["🔥", "fire", "flame hot", 5],
  ["🚒", "fire_engine", "truck", 5],
  ["🐱", "cat", "face pet", 3],
  ["🗾", "japan", "map scattered", 5],
];

function found(query) {
  return search(ROWS, query).map(([emoji]) => emoji);
}

test("an emoji is found by name, then by its beginning, then by other words", () => {
  assert.deepEqual(found("fire"), ["🔥", "🚒", "❤️‍🔥"]);
  assert.deepEqual(found("cat"), ["🐱", "😼"]);
  assert.deepEqual(found("FACE cat"), ["😼", "🐱"]);
  assert.deepEqual(found(":fire_engine:"), ["🚒"]);
  assert.deepEqual(found("🔥"), ["🔥"]);
  assert.deepEqual(found("no such"), []);
  assert.deepEqual(found(":"), []);
});

test("what one used is remembered, the newest first, each once, and sixteen of them", () => {
  const storage = new FakeStorage();
  const picker = new EmojiPicker({ strings: {}, storage, url: "" });
  assert.deepEqual(picker.recent, []);
  for (const emoji of ["🦊", "🐱", "🦊"]) picker.used(emoji);
  assert.deepEqual(new EmojiPicker({ strings: {}, storage, url: "" }).recent, ["🦊", "🐱"]);
  for (let n = 0; n < 20; n++) picker.used(String(n));
  assert.equal(picker.recent.length, 16);
});

test("a browser that keeps nothing, or something else, has used none", () => {
  const nothing = new EmojiPicker({ strings: {}, storage: null, url: "" });
  nothing.used("🦊");
  assert.deepEqual(nothing.recent, []);
  const storage = new FakeStorage();
  for (const kept of ["{", "7", '{"a":1}', '[7,"🦊"]']) {
    storage.setItem("lobby:emoji", kept);
    const { recent } = new EmojiPicker({ strings: {}, storage, url: "" });
    assert.deepEqual(recent, kept.includes("🦊") ? ["🦊"] : []);
  }
});

test("the arrow keys go by rows and on into the next group", () => {
  // 0 1 2 3 / 4 5, then 6, then 7 8 9 10 / 11
  const to = (at, key) => stepped(at, `Arrow${key}`, [6, 1, 5], 4);
  assert.deepEqual(
    [0, 2, 5, 6, 8, 11].map((at) => to(at, "Down")),
    [4, 5, 6, 7, 11, 11],
  );
  assert.deepEqual(
    [11, 9, 6, 5, 3].map((at) => to(at, "Up")),
    [7, 6, 4, 1, 3],
  );
  assert.deepEqual([to(5, "Right"), to(11, "Right"), to(6, "Left"), to(0, "Left")], [6, 11, 5, 0]);
});
