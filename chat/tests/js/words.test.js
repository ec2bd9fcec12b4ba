import assert from "node:assert/strict";
import { test } from "node:test";
import { initials } from "lobby/lib/avatar";
import { newUuid } from "lobby/lib/environment";
import { codePoints, flawOfRoomName, isComposing, isSendingKey, trimmed } from "lobby/lib/input";
import { fill, msToMidnight, pageLocale, TimeFormat } from "lobby/lib/strings";
import "./fakes.js";

const enter = { key: "Enter", keyCode: 13, shiftKey: false, altKey: false, isComposing: false };

/** `window.matchMedia` of a phone, or of a machine with a mouse. */
function typesOnScreen(isSo) {
  globalThis.matchMedia = () => ({ matches: isSo });
}

test("Enter sends, Shift+Enter does not", () => {
  typesOnScreen(false);
  assert.equal(isSendingKey(enter), true);
  assert.equal(isSendingKey({ ...enter, shiftKey: true }), false);
  assert.equal(isSendingKey({ ...enter, key: "a" }), false);
});

test("on a touch keyboard Enter is a new line, and sends only with Control or Command", () => {
  typesOnScreen(true);
  assert.equal(isSendingKey(enter), false);
  assert.equal(isSendingKey({ ...enter, ctrlKey: true }), true);
  assert.equal(isSendingKey({ ...enter, metaKey: true }), true);
});

test("Enter that chooses a candidate of an input method never sends", () => {
  typesOnScreen(false);
  assert.equal(isSendingKey({ ...enter, isComposing: true }), false);
  assert.equal(isSendingKey({ ...enter, keyCode: 229 }), false, "Safari, after the composition");
  assert.equal(isComposing({ ...enter, keyCode: 229 }), true);
});

test("a text is trimmed like Python's strip", () => {
  assert.equal(trimmed("\x1c\x85\u3000\n a\r\nb \t\x1f\u2029"), "a\nb");
  assert.equal(trimmed("\ufeffa\u200b"), "\ufeffa\u200b", "Python keeps these");
  assert.equal(trimmed(" \n\t "), "");
});

test("characters are counted as code points", () => {
  assert.equal(codePoints("日本語"), 3);
  assert.equal(codePoints("🍅🍅"), 2);
  assert.equal(codePoints("e\u0301"), 2);
});

test("a client_id is a UUID in canonical lower case", () => {
  const ids = Array.from({ length: 100 }, newUuid);
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.equal(new Set(ids).size, 100);
});

test("the site's words are filled in", () => {
  assert.equal(fill("{count} left, {count}!", { count: 3 }), "3 left, 3!");
  assert.equal(fill("{unknown}", {}), "{unknown}");
});

test("initials are the first letters of two words, of any script", () => {
  assert.equal(initials("Amber Otter"), "AO");
  assert.equal(initials("  élodie  "), "É");
  assert.equal(initials("日本 太郎 三"), "日太");
  assert.equal(initials("(Bob) [x]"), "BX");
  assert.equal(initials("🍅"), "");
});

const times = new TimeFormat(
  { today: "Today", yesterday: "Yesterday", just_now: "just now" },
  "en-GB",
);
const noon = new Date(2026, 10, 20, 12);
const hoursBefore = (hours) => new Date(noon - hours * 3_600_000);

test("days are Today, Yesterday, then dates; the year only when it is another", () => {
  assert.equal(times.day(hoursBefore(11), noon), "Today");
  assert.equal(times.day(hoursBefore(13), noon), "Yesterday");
  assert.match(times.day(hoursBefore(24 * 30), noon), /^Wednesday,? 21 October$/);
  assert.match(times.day(hoursBefore(24 * 365), noon), /2025$/);
});

test("how long ago is told in ever larger steps, then as a date", () => {
  assert.equal(times.ago(noon, noon), "just now");
  assert.equal(times.ago(hoursBefore(-1), noon), "just now", "a clock that is ahead");
  assert.match(times.ago(hoursBefore(0.1), noon), /^6 min/);
  assert.match(times.ago(hoursBefore(3), noon), /^3 h/);
  assert.equal(times.ago(hoursBefore(25), noon), "yesterday");
  assert.match(times.ago(hoursBefore(24 * 10), noon), /10 Nov 2026/);
});

test("the day is named anew after midnight", () => {
  assert.equal(msToMidnight(noon), 12 * 3_600_000);
});

test("the words of a time are in the page's language, in the reader's variety of it", () => {
  const localeOf = (lang, languages) => {
    globalThis.document = { documentElement: { lang } };
    Object.defineProperty(globalThis, "navigator", { value: { languages }, configurable: true });
    return pageLocale();
  };
  assert.equal(localeOf("en", ["ja", "eng", "en-GB", "en"]), "en-GB");
  assert.equal(localeOf("en", ["de-AT", "ar"]), "en");
  assert.equal(localeOf("en-gb", ["en"]), "en-gb");
});

test("the index knows which names no room can have", () => {
  for (const name of [
    "tea",
    "日本語",
    "क्षत्रिय",
    "a.b",
    "it's (1) & +!_-",
    "x".repeat(80),
    "می\u200cخواهم",
  ])
    assert.equal(flawOfRoomName(name), undefined, name);
  assert.equal(flawOfRoomName(`${"e\u0301".repeat(80)}`), undefined, "counted as they are stored");
  const flaws = { "": "name_missing", "...": "name_dots", "a/b": "name_characters" };
  for (const [name, flaw] of Object.entries(flaws)) assert.equal(flawOfRoomName(name), flaw);
  for (const name of ["#general", "C#", "😀", "\ud800", "a\nb", "a\u202eb"])
    assert.equal(flawOfRoomName(name), "name_characters", name);
  assert.equal(flawOfRoomName("x".repeat(81)), "name_too_long");
});
