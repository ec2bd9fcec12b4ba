/** The room's page: makes the parts and joins them. */

import { Composer } from "lobby/composer";
import { Connection } from "lobby/connection";
import { msToMidnight, TimeFormat } from "lobby/format";
import { LogView } from "lobby/log_view";
import { MessageView } from "lobby/message_view";
import { NameEditor } from "lobby/name_editor";
import { Outbox } from "lobby/outbox";
import { StatusLine } from "lobby/status_line";
import { readJson, readStrings } from "lobby/strings";
import { Timeline } from "lobby/timeline";
import { fitAboveKeyboard } from "lobby/viewport";

const page = document.querySelector("#room");
const room = readJson(document, "room-name");
const strings = readStrings(document);
const you = readJson(document, "you");

const timeline = new Timeline();
const outbox = new Outbox({ storage: openStorage(), room, owner: you.id });
const status = new StatusLine(page.querySelector("#status"), strings);
const connection = new Connection({
  url: socketUrl(),
  timeline,
  outbox,
  environment: {
    WebSocket,
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer),
    now: Date.now,
    random: Math.random,
    window,
    document,
  },
  onState: stateChanged,
  onWelcome: welcomed,
});
const view = new MessageView({
  strings,
  times: new TimeFormat(strings),
  // A button that goes away hands the focus on.
  onRetry(clientId) {
    connection.retry(clientId);
    composer.focus();
  },
  onDiscard(clientId) {
    connection.discard(clientId);
    composer.focus();
  },
});
const log = new LogView(page.querySelector("#chat-log"), {
  newest: page.querySelector("#newest"),
  timeline,
  view,
  you,
  loadOlder: (before) => connection.loadHistory(before, Number(page.dataset.pageSize)),
});
const nameEditor = new NameEditor(page.querySelector("#you-here"), { you, rename });
const composer = new Composer(page.querySelector("#composer"), {
  strings,
  room,
  onSend(text) {
    connection.post(text);
    log.goToBottom();
  },
});

const otherTabs = new BroadcastChannel("lobby:you");
otherTabs.addEventListener("message", ({ data }) => {
  if (data.id === nameEditor.you.id) isNow(data);
});
timeline.subscribe((change) => {
  if (change.room) page.querySelector("#topic").textContent = timeline.room.topic;
});
window.addEventListener("storage", (event) => {
  const clientId = outbox.takenOutBy(event);
  if (clientId) connection.takenOutElsewhere(clientId);
});
composer.focus();
fitAboveKeyboard(page);
nameDaysAtMidnight();
connection.start();

function welcomed({ you: me, limits }) {
  composer.limit = limits.message;
  isNow(me);
}

function isNow(me) {
  nameEditor.you = me;
  log.you = me;
}

async function rename(name) {
  const me = await connection.rename(name);
  if (me) {
    log.you = me;
    otherTabs.postMessage(me);
  }
  return me;
}

function stateChanged(state, code) {
  status.show(state, code);
  page.dataset.connection = state;
  if (state === "open") log.refresh();
  if (state === "closed") composer.close();
}

function nameDaysAtMidnight() {
  setTimeout(() => {
    log.refresh();
    nameDaysAtMidnight();
  }, msToMidnight() + 1000);
}

function socketUrl() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/ws/chat/${encodeURIComponent(room)}/`;
}

function openStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
