import assert from "node:assert/strict";
import { test } from "node:test";
import { begunEmoji, emojiCompletions } from "lobby/composer/mentioning";
import { formatted } from "lobby/pages/formatting";

/** Format what stands between the brackets; gives the text with the new selection between brackets. */
function format(marked, kind) {
  const start = marked.indexOf("[");
  const end = marked.indexOf("]") - 1;
  const text = marked.replace(/[[\]]/g, "");
  const done = formatted(text, start, end, kind);
  const after = text.slice(0, done.from) + done.words + text.slice(done.to);
  return `${after.slice(0, done.start)}[${after.slice(done.start, done.end)}]${after.slice(done.end)}`;
}

test("signs are put round the words that are selected, without the spaces beside them", () => {
  assert.equal(format("so [good ]it is", "bold"), "so **[good]** it is");
  assert.equal(format("so [] it is", "italic"), "so *[]* it is");
  assert.equal(format("[gone]", "strike"), "~~[gone]~~");
  assert.equal(format("[x = 1]", "code"), "`[x = 1]`");
  assert.equal(format("[a\nb]", "code"), "```\n[a\nb]\n```");
});

test("what has a format loses it, whether its signs are selected or not", () => {
  assert.equal(format("so **[good]**", "bold"), "so [good]");
  assert.equal(format("so [**good**]", "bold"), "so [good]");
  assert.equal(format("*[good]*", "italic"), "[good]");
  assert.equal(format("**[good]**", "italic"), "***[good]***");
  assert.equal(format("***[good]***", "italic"), "**[good]**");
  assert.equal(format("***[good]***", "bold"), "*[good]*");
});

test("lines are quoted as a whole", () => {
  assert.equal(format("a\nb[c\nd]e\nf", "quote"), "a\n> bc\n> de[]\nf");
  assert.equal(format("> b[c\n> d]e", "quote"), "bc\nde[]");
});

test("of a link the cursor stands where the missing part belongs", () => {
  const { words, start } = formatted("see tea", 4, 7, "link");
  assert.deepEqual([words, start], ["[tea]()", 4 + "[tea](".length]);
  const address = formatted("https://example.org/", 0, 20, "link");
  assert.deepEqual([address.words, address.start], ["[](https://example.org/)", 1]);
});

test("an emoji is offered behind a colon with two letters of its name, and not in an address or a time", () => {
  assert.equal(begunEmoji("so :fo"), "fo");
  assert.equal(begunEmoji(":+1"), "+1");
  for (const text of [":f", "12:30", "https://a", "std::fo", "a:fo", ": fo", ":fo "])
    assert.equal(begunEmoji(text), null, text);
  const rows = [
    ["🦊", "fox fox_face", "animal", 3],
    ["🍜", "ramen", "noodles", 4],
  ];
  const [fox, ...others] = emojiCompletions("a :fo now", 5, rows);
  assert.deepEqual(others, []);
  assert.deepEqual([fox.label, fox.about, fox.text, fox.caret], ["🦊", "fox", "a 🦊 now", 5]);
});
