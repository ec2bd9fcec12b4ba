import assert from "node:assert/strict";
import { test } from "node:test";
import { FileStore } from "lobby/net/file_store";
import { Uploads } from "lobby/net/uploads";
import {
  FakeClock,
  FakeFileServer,
  FakeStorage,
  liveFrame,
  makeFile,
  makeMessage,
  settled,
  Tab,
} from "./fakes.js";

const BYTES = new Blob(["abc"]);
const BOB = { id: "bob", name: "Bob", verified: true };

function uploadsWith({ server = new FakeFileServer(), store = new FileStore(), locks } = {}) {
  const clock = new FakeClock();
  const { setTimeout, clearTimeout } = clock;
  const environment = { setTimeout, clearTimeout, now: () => clock.now, random: () => 1, locks };
  const strings = { file_lost: "lost", file_failed: "failed" };
  const uploads = new Uploads({ store, requests: server, environment, strings });
  return { uploads, server, store, clock };
}

async function begun(options) {
  const server = new FakeFileServer();
  server.storesAtOnce = false;
  const made = uploadsWith({ server, ...options });
  await made.uploads.add(makeFile("a"), BYTES, "lobby");
  await settled();
  return made;
}

const TICKET = { id: "k", url: "/files/k/", ticket: "t", expires_in: 1800 };

async function answer(server, type, ...values) {
  server
    .of(type)
    .at(-1)
    .answer(...values);
  await settled();
}

test("a file is asked for, sent with its ticket and known by the server's id", async () => {
  const { uploads, server } = await begun();
  assert.deepEqual(server.asked[0].values, { room: "lobby", name: "a.txt", size: 3 });
  await answer(server, "promise", 201, TICKET);
  const [put] = server.of("put");
  assert.equal(put.values.ticket, "t");
  assert.equal(await put.values.blob.text(), "abc");
  put.progress(0.5);
  assert.deepEqual([uploads.get("a").state, uploads.get("a").share], ["sending", 0.5]);
  await answer(server, "put", 200, { id: "k" });
  assert.deepEqual([uploads.get("a").state, uploads.get("a").key], ["stored", "k"]);
});

test("a cut connection is tried again with the same ticket, later each time, and at once when one is back", async () => {
  const { uploads, server, clock } = await begun();
  await answer(server, "promise", 201, TICKET);
  await answer(server, "put", 0);
  assert.equal(uploads.get("a").state, "waiting");
  clock.advance(999);
  await settled();
  assert.equal(server.of("put").length, 1);
  clock.advance(1);
  await settled();
  assert.equal(server.of("put").length, 2);
  await answer(server, "put", 502);
  uploads.wake();
  await settled();
  assert.equal(server.of("put").length, 3);
  await answer(server, "put", 200, { id: "k" });
  assert.equal(uploads.get("a").state, "stored");
  assert.equal(server.of("promise").length, 1);
});

test("the server's time is waited for", async () => {
  const { server, clock } = await begun();
  await answer(server, "promise", 429, { code: "too_fast", text: "wait" }, 20);
  clock.advance(19_999);
  await settled();
  assert.equal(server.of("promise").length, 1);
  clock.advance(1);
  await settled();
  assert.equal(server.of("promise").length, 2);
});

test("what the server will not have fails with its words, and begins anew when one wants that", async () => {
  const { uploads, server } = await begun();
  await answer(server, "promise", 413, { code: "too_large", text: "10 MB at most" });
  assert.deepEqual([uploads.get("a").state, uploads.get("a").reason], ["failed", "10 MB at most"]);
  uploads.begin(["a"]);
  await settled();
  assert.equal(server.of("promise").length, 2);
  await answer(server, "promise", 507, {}, 60);
  assert.equal(uploads.get("a").reason, "failed");
  uploads.begin(["a"]);
  await settled();
  await answer(
    server,
    "promise",
    429,
    { code: "quota", text: "You have as much as you may." },
    3600,
  );
  assert.equal(uploads.get("a").reason, "You have as much as you may.");
});

test("a ticket that is good no longer is asked for anew, but not for ever", async () => {
  const { uploads, server, clock } = await begun();
  await answer(server, "promise", 201, TICKET);
  await answer(server, "put", 0);
  clock.advance(1_800_000);
  await settled();
  assert.equal(server.of("promise").length, 2, "its time is over");
  for (let time = 0; time < 3; time++) {
    await answer(server, "promise", 201, TICKET);
    await answer(server, "put", 403, { text: "no ticket" });
  }
  assert.equal(uploads.get("a").reason, "no ticket");
});

test("where no answer comes for long it is asked anew: the refusal may have been lost", async () => {
  const { uploads, server, clock } = await begun();
  await answer(server, "promise", 201, TICKET);
  for (let time = 0; time < 4; time++) {
    await answer(server, "put", 0);
    clock.advance(15_000);
    await settled();
  }
  assert.equal(server.of("promise").length, 2);
  await answer(server, "promise", 403, { text: "You may not." });
  assert.equal(uploads.get("a").reason, "You may not.");
});

test("two go at once, and a third when one is done", async () => {
  const { uploads, server } = await begun();
  for (const id of ["b", "c"]) await uploads.add(makeFile(id), BYTES, "lobby");
  await settled();
  assert.equal(server.of("promise").length, 2);
  await answer(server, "promise", 413);
  assert.equal(server.of("promise").at(-1).values.name, "c.txt");
});

test("what is dropped is cut off, and taken back from the server where it is stored", async () => {
  const { uploads, server, store } = await begun();
  const [{ signal }] = server.asked;
  uploads.drop(["a"]);
  await settled();
  assert.ok(signal.aborted);
  assert.equal(await store.get("a"), undefined);
  server.storesAtOnce = true;
  await uploads.add(makeFile("b"), BYTES, "lobby");
  await settled();
  uploads.drop(["b"]);
  assert.equal(server.of("remove")[0].values, uploads.get("b").key ?? "key-1");
});

test("the next page goes on with what is kept, and says what is lost", async () => {
  const { store } = await begun();
  const { uploads, server } = uploadsWith({ store });
  uploads.begin(["a", "elsewhere"]);
  await settled();
  assert.equal(uploads.get("a").state, "stored");
  assert.deepEqual(
    [uploads.get("elsewhere").state, uploads.get("elsewhere").reason],
    ["lost", "lost"],
  );
  const next = uploadsWith({ store });
  next.uploads.begin(["a"]);
  await settled();
  assert.equal(next.uploads.get("a").key, uploads.get("a").key);
  assert.equal(next.server.asked.length, 0);
  assert.equal(server.of("put").length, 1);
});

test("of two tabs one sends a file, and the other finds it stored", async () => {
  let last = Promise.resolve();
  const locks = {
    request: (_, act) => {
      last = last.then(act);
      return last;
    },
  };
  const one = await begun({ locks });
  const other = uploadsWith({ store: one.store, locks });
  other.uploads.begin(["a"]);
  await settled();
  assert.equal(other.server.asked.length, 0);
  await answer(one.server, "promise", 201, TICKET);
  await answer(one.server, "put", 200, { id: "k" });
  assert.equal(other.uploads.get("a").key, "k");
  assert.equal(other.server.asked.length, 0);
});

// --- Posts with files ---

async function posting(more = {}) {
  const tab = new Tab(more).open();
  await tab.uploads.add(makeFile("a"), BYTES, "lobby");
  const files = [makeFile("a", { alt: "three letters" })];
  tab.connection.post("look", undefined, undefined, files);
  await settled();
  return tab;
}

test("a post goes when its files are stored, with their ids and descriptions", async () => {
  const tab = new Tab().open();
  tab.files.storesAtOnce = false;
  await tab.uploads.add(makeFile("a"), BYTES, "lobby");
  tab.connection.post("look", undefined, undefined, [makeFile("a", { alt: "three letters" })]);
  tab.connection.post("words");
  await settled();
  assert.deepEqual(
    tab.sent("post").map(({ message }) => message),
    ["words"],
  );
  await answer(tab.files, "promise", 201, TICKET);
  await answer(tab.files, "put", 200, { id: "k" });
  const { message, files, alts } = tab.sent("post")[1];
  assert.deepEqual(
    { message, files, alts },
    { message: "look", files: ["k"], alts: ["three letters"] },
  );
});

test("when its message is here, the files are not kept any more", async () => {
  const files = new FileStore();
  const tab = await posting({ files });
  const [{ client_id }] = tab.sent("post");
  assert.ok(await files.get("a"));
  tab.receive(liveFrame(makeMessage(1, { client_id })));
  await settled();
  assert.equal(await files.get("a"), undefined);
  assert.equal(tab.files.of("remove").length, 0);
});

test("a post with files waits over a reload and offline", async () => {
  const [storage, files] = [new FakeStorage(), new FileStore()];
  const before = new Tab({ storage, files });
  before.files.storesAtOnce = false;
  await before.uploads.add(makeFile("a"), BYTES, "lobby");
  before.connection.post("look", undefined, undefined, [makeFile("a")]);
  const tab = new Tab({ storage, files });
  await settled();
  assert.equal(tab.timeline.pendings.posts[0].files[0].name, "a.txt");
  tab.open();
  await settled();
  assert.deepEqual(tab.sent("post")[0].files, ["key-1"]);
});

test("files that the server has swept are told, the text is kept, and to try again uploads them again", async () => {
  const tab = await posting();
  const [post] = tab.sent("post");
  tab.refuse(post, "file_gone", { files: post.files });
  const [pending] = tab.timeline.pendings.all;
  assert.deepEqual([pending.state, pending.message], ["failed", "look"]);
  await settled();
  tab.connection.retry(post.client_id);
  await settled();
  const again = tab.sent("post")[1];
  assert.equal(again.client_id, post.client_id);
  assert.deepEqual(again.files, ["key-2"]);
});

test("a file that fails lets its post fail, and one that is lost is left out when it goes again", async () => {
  const tab = new Tab().open();
  tab.connection.post("look", undefined, undefined, [makeFile("nowhere")]);
  await settled();
  const [{ client_id, state, reason }] = tab.timeline.pendings.all;
  assert.deepEqual([state, reason], ["failed", "lost"]);
  tab.connection.retry(client_id);
  await settled();
  assert.deepEqual([tab.sent("post")[0].message, tab.sent("post")[0].files], ["look", undefined]);
});

test("what is discarded takes its files back", async () => {
  const tab = await posting();
  const [post] = tab.sent("post");
  tab.refuse(post, "muted");
  tab.connection.discard(post.client_id);
  assert.equal(tab.files.of("remove")[0].values, "key-1");
});

test("files of one who has logged in since are uploaded anew", async () => {
  const tab = new Tab();
  await tab.uploads.add(makeFile("a"), BYTES, "lobby");
  tab.connection.post("look", undefined, undefined, [makeFile("a")]);
  await settled();
  tab.welcome({ you: BOB });
  const [{ client_id, reason }] = tab.timeline.pendings.all;
  assert.equal(reason, "of somebody else");
  await settled();
  tab.connection.retry(client_id);
  await settled();
  assert.deepEqual(tab.sent("post")[0].files, ["key-2"]);
});
