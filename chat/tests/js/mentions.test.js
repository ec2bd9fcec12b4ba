import assert from "node:assert/strict";
import { test } from "node:test";
import { mentionCompletions, mentionedIn } from "lobby/composer/mentioning";
import { Me } from "lobby/state/me";
import { UnreadMentions } from "lobby/state/mentions";

const people = [
  { id: "1", name: "Amber Otter" },
  { id: "2", name: "bob" },
  { id: "3", name: "Bobby" },
  { id: "4", name: "Sam" },
  { id: "5", name: "Sam" },
];

function offered(text, caret = text.length) {
  return mentionCompletions(text, caret, people).map(({ label }) => label);
}

test("behind an @ stand the people whose name begins so", () => {
  assert.equal(offered("@").length, 5);
  assert.deepEqual(offered("hello @BO"), ["@bob", "@Bobby"]);
  assert.deepEqual(offered("@otter"), ["@Amber Otter"]);
  assert.deepEqual(offered("@amber o"), ["@Amber Otter"]);
  for (const text of ["bob", "me@bo", "@bob ", "@\nbo", "@zoe"])
    assert.deepEqual(offered(text), [], text);
});

test("a name is completed where the cursor is", () => {
  const [bob] = mentionCompletions("see @bo and go", 7, people);
  assert.equal(bob.text, "see @bob and go");
  assert.equal(bob.caret, "see @bob ".length);
  assert.equal(bob.person.id, "2");
});

test("a text means those who were chosen, and others whose name only one has", () => {
  assert.equal(mentionedIn("@bob", [], people), undefined, "the server finds them");
  assert.deepEqual(mentionedIn("@sam, @bob", [people[4]], people), ["5", "2"]);
  assert.deepEqual(mentionedIn("@Sam @nobody", [people[3], people[1]], people), ["4"]);
  assert.equal(mentionedIn("bob", [people[1]], people), undefined);
});

function message(sequence, values = {}) {
  return {
    sequence,
    author: { id: "2", name: "bob" },
    mentions: [{ id: "me", name: "me" }],
    ...values,
  };
}

function reader() {
  const me = new Me({ id: "me", name: "me" });
  const unread = new UnreadMentions(me);
  return { me, unread, held: () => [unread.count, unread.first] };
}

test("what mentions one counts until it is read, edited or deleted", () => {
  const { unread, held } = reader();
  unread.learn([3, 5]);
  unread.take([message(7), message(2), message(8, { author: { id: "me", name: "me" } })], 2);
  assert.deepEqual(held(), [3, 3]);
  unread.take([message(3, { mentions: undefined }), message(5, { deleted: true })], 2);
  assert.deepEqual(held(), [1, 7]);
  unread.saw(4, 6);
  assert.deepEqual(held(), [1, 7]);
  unread.saw(7, 7);
  assert.deepEqual(held(), [0, undefined]);
});

test("what the server counts is added, unless this page has read it", () => {
  const { unread, held } = reader();
  unread.take([message(9)], 0);
  unread.learn([4, 6], 4);
  assert.deepEqual(held(), [2, 6]);
});

test("what was said to all who were present counts as the server says", () => {
  const { unread, held } = reader();
  const here = message(3, { mentions: [{ name: "here" }] });
  unread.take([here], 0);
  assert.deepEqual(held(), [0, undefined]);
  unread.learn([3]);
  unread.take([here], 0);
  assert.deepEqual(held(), [1, 3]);
});

test("who is blocked mentions nobody", () => {
  const { me, unread, held } = reader();
  me.block("2", true);
  unread.take([message(3)], 0);
  assert.deepEqual(held(), [0, undefined]);
});
