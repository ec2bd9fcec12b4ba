/** What the page offers to whom, and when nothing can be said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choicesOfMessage,
  choicesOfPerson,
  mayReadEarlier,
  mayUpload,
  silencedBy,
} from "lobby/state/permissions";
import { ALICE, BOB, makeMessage } from "./fakes.js";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const ROOM = { name: "lobby", topic: "" };
const BOBS = makeMessage(1);
const OWN = makeMessage(2, { author: ALICE });
const VISITOR = {};
const MODERATOR = { role: "moderator" };
const OWNER = { role: "owner" };

function situation(permissions, room = {}) {
  return { you: ALICE, permissions, room: { ...ROOM, ...room }, now: NOW };
}

test("anybody may answer, react to, copy and report another's message, and block its author", () => {
  assert.deepEqual(choicesOfMessage(BOBS, situation(VISITOR)), [
    "react",
    "reply",
    "quote",
    "copy",
    "link",
    "report",
    "block",
  ]);
});

test("one's own message can be changed and deleted, and not be reported", () => {
  assert.deepEqual(choicesOfMessage(OWN, situation(VISITOR)), [
    "react",
    "reply",
    "quote",
    "copy",
    "link",
    "edit",
    "delete",
  ]);
});

test("the author and moderators read what a message said before it was edited", () => {
  assert.ok(mayReadEarlier(OWN, situation(VISITOR)));
  assert.ok(mayReadEarlier(BOBS, situation(MODERATOR)));
  assert.ok(!mayReadEarlier(BOBS, situation(VISITOR)));
});

test("a moderator may delete and pin, and has more to say to the author", () => {
  const choices = choicesOfMessage(BOBS, situation(MODERATOR));
  for (const choice of ["pin", "delete", "person"]) assert.ok(choices.includes(choice), choice);
  assert.ok(!choices.includes("edit"), "another's words stay theirs");
});

test("the pinned message is unpinned in the same place", () => {
  const choices = choicesOfMessage(BOBS, situation(MODERATOR, { pinned: 1 }));
  assert.ok(choices.includes("unpin"));
  assert.ok(!choices.includes("pin"));
});

test("of a deleted message only its author is left, for those who keep order", () => {
  const gone = { ...BOBS, message: "", deleted: true };
  assert.deepEqual(choicesOfMessage(gone, situation(VISITOR)), []);
  assert.deepEqual(choicesOfMessage(gone, situation(MODERATOR)), ["person"]);
});

test("an author who is gone cannot be blocked or banned", () => {
  const orphan = { ...BOBS, author: { id: null, name: "Deleted account" } };
  const choices = choicesOfMessage(orphan, situation(OWNER));
  for (const choice of ["block", "person"]) assert.ok(!choices.includes(choice), choice);
});

test("who may not talk may neither answer nor change anything, but may report", () => {
  const muted = { muted_until: "2026-11-20T11:00:00Z" };
  assert.deepEqual(choicesOfMessage(BOBS, situation(muted)), ["copy", "link", "report", "block"]);
  assert.deepEqual(choicesOfMessage(OWN, situation(muted)), ["copy", "link", "delete"]);
});

test("in a read-only room one may still react", () => {
  const choices = choicesOfMessage(BOBS, situation(VISITOR, { read_only: true }));
  assert.ok(choices.includes("react"));
  assert.ok(!choices.includes("reply"));
});

test("a visitor can only block, and a blocked person be unblocked", () => {
  assert.deepEqual(choicesOfPerson(BOB, situation(VISITOR)), ["block"]);
  assert.deepEqual(choicesOfPerson(BOB, situation({ blocked: ["bob"] })), ["unblock"]);
});

test("nobody has a menu of themselves", () => {
  assert.deepEqual(choicesOfPerson(ALICE, situation(OWNER)), []);
});

test("a moderator acts on those below, and not on moderators or the owner", () => {
  const others = (role) => choicesOfPerson({ ...BOB, role }, situation(MODERATOR));
  assert.ok(others("member").includes("ban"));
  assert.deepEqual(others("moderator"), ["block"]);
  assert.deepEqual(others("owner"), ["block"]);
  assert.ok(others(undefined).includes("ban"), "the server knows the role of who is not here");
});

test("the owner makes moderators and takes it back", () => {
  const offers = (role) => choicesOfPerson({ ...BOB, role }, situation(OWNER)).slice(-2);
  assert.deepEqual(offers("member"), ["promote", "hand_over"]);
  assert.deepEqual(offers("moderator"), ["demote", "hand_over"]);
  assert.ok(!choicesOfPerson(BOB, situation(MODERATOR)).includes("promote"));
});

test("staff acts on everybody, the owner too", () => {
  const choices = choicesOfPerson({ ...BOB, role: "owner" }, situation({ staff: true }));
  assert.ok(choices.includes("ban"));
  assert.ok(!choices.includes("demote"));
});

test("a closed room silences all, a read-only one all but moderators", () => {
  const silence = (room, permissions) => silencedBy({ ...ROOM, ...room }, permissions, NOW);
  assert.equal(silence({}, VISITOR), null);
  assert.equal(silence({ closed: true }, OWNER), "closed");
  assert.equal(silence({ read_only: true }, { role: "member" }), "read_only");
  assert.equal(silence({ read_only: true }, MODERATOR), null);
  assert.equal(silence({ read_only: true }, { staff: true }), null);
});

test("a mute ends, one for good has no end, and moderators can be muted, staff cannot", () => {
  const silence = (muted_until, more = {}) => silencedBy(ROOM, { muted_until, ...more }, NOW);
  assert.equal(silence("2026-11-20T10:05:00Z"), "muted_until");
  assert.equal(silence("2026-11-20T10:00:00Z"), null);
  assert.equal(silence("2126-11-20T10:00:00Z"), "muted");
  assert.equal(silence("2126-11-20T10:00:00Z", MODERATOR), "muted");
  assert.equal(silence("2126-11-20T10:00:00Z", { staff: true }), null);
});

test("a message of files alone offers no text to copy or quote", () => {
  const wordless = makeMessage(3, { message: "", html: "", author: ALICE });
  const choices = choicesOfMessage(wordless, situation(VISITOR));
  assert.deepEqual(choices, ["react", "reply", "link", "edit", "delete"]);
});

test("files are sent where the site and the room take them, and by accounts alone where the site says so", () => {
  const account = { ...ALICE, verified: true };
  assert.equal(mayUpload("all", ROOM, ALICE), true);
  assert.equal(mayUpload("accounts", ROOM, ALICE), false);
  assert.equal(mayUpload("accounts", ROOM, account), true);
  assert.equal(mayUpload("off", ROOM, account), false);
  assert.equal(mayUpload("all", { ...ROOM, uploads: false }, account), false);
});
