import assert from "node:assert/strict";
import { test } from "node:test";
import { completions, isCommand } from "lobby/composer/completion";
import { excerpt } from "lobby/lib/strings";

const strings = { slash_help: "Lists the commands" };

function offered(text, permissions = {}, names = ["Amber Otter", "bob", "Bobby", "Ａｎｎ"]) {
  return completions(text, { permissions, names, strings }).map(({ text: taken }) => taken);
}

test("a slash lists what one may do", () => {
  assert.deepEqual(offered("/"), ["/help ", "/me ", "/nick "]);
  assert.ok(offered("/", { role: "moderator" }).includes("/kick "));
  assert.ok(!offered("/", { role: "moderator" }).includes("/mod "));
  assert.ok(offered("/", { role: "owner" }).includes("/mod "));
  assert.ok(offered("/", { staff: true }).includes("/mod "));
});

test("what begins with a slash and a word is a command", () => {
  for (const text of ["/kick", "/kick bob", "/привет мир", "/me\nx"])
    assert.ok(isCommand(text), text);
  for (const text of ["//kick bob", "/etc/passwd", "/", "/ x", "see /kick"])
    assert.ok(!isCommand(text), text);
});

test("the list tells what a command is for", () => {
  const [help] = completions("/he", { permissions: {}, names: [], strings });
  assert.deepEqual(help, { label: "/help", text: "/help ", about: "Lists the commands" });
});

test("a word that is no command has no completion", () => {
  for (const text of ["", "hello", "//", "/ ", "/etc/passwd", "/hello there", "/help me", "a /"])
    assert.deepEqual(offered(text, { role: "owner" }), [], text);
});

test("names are completed, in any case and form, with quotes where they need them", () => {
  const moderator = { role: "moderator" };
  assert.deepEqual(offered("/kick am", moderator), ['/kick "Amber Otter" ']);
  assert.deepEqual(offered('/kick "AMB', moderator), ['/kick "Amber Otter" ']);
  assert.deepEqual(offered("/ban bo", moderator), ["/ban bob ", "/ban Bobby "]);
  assert.deepEqual(offered("/ban ann", moderator, ["Ａｎｎa"]), ["/ban Ａｎｎa "]);
  assert.deepEqual(offered("/kick bob", moderator), ["/kick Bobby "], "bob is written already");
});

test("who may not do it is not offered names", () => {
  assert.deepEqual(offered("/kick "), []);
});

test("an excerpt is one line, and cut between code points", () => {
  assert.equal(excerpt("one\n  two"), "one two");
  const long = excerpt("🦊".repeat(500));
  assert.equal(long, `${"🦊".repeat(120)}…`);
  assert.ok(long.isWellFormed?.() ?? true);
});
