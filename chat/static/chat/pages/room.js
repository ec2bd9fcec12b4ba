/** The room's page: makes the parts and joins them. */

import { Composer } from "lobby/composer/composer";
import { Draft } from "lobby/composer/draft";
import {
  browser,
  fitAboveKeyboard,
  keepForOwner,
  openChannel,
  openStorage,
  socketUrl,
} from "lobby/lib/environment";
import { msToMidnight, readJson, readStrings, TimeFormat } from "lobby/lib/strings";
import { LogView } from "lobby/log/log_view";
import { MessageView } from "lobby/log/message_view";
import { Connection } from "lobby/net/connection";
import { Outbox } from "lobby/net/outbox";
import { Company } from "lobby/people/company";
import { NameEditor } from "lobby/people/name_editor";
import { Reading } from "lobby/room/reading";
import { RoomActs } from "lobby/room/room_acts";
import { StatusLine } from "lobby/room/status_line";
import { mayLeave, moderates } from "lobby/state/permissions";
import { Timeline } from "lobby/state/timeline";

const page = document.querySelector("#room");
const room = readJson(document, "room-name");
const topic = page.querySelector("#topic");
const strings = readStrings(document);
const you = readJson(document, "you");

const timeline = new Timeline();
timeline.you = you;
const outbox = new Outbox({ storage: openStorage(), room, owner: you.id });
const status = new StatusLine(page.querySelector("#status"), strings);
const connection = new Connection({
  url: socketUrl(`/ws/chat/${encodeURIComponent(room)}/`),
  timeline,
  outbox,
  environment: browser,
  strings,
  you,
  onState: stateChanged,
  onWelcome: welcomed,
});
const pageSize = Number(page.dataset.pageSize);
const reading = new Reading(page.querySelector("#news-above"), {
  connection,
  timeline,
  room,
  you,
  strings,
  storage: openStorage(),
});
const view = new MessageView({
  strings,
  times: new TimeFormat(strings),
  timeline,
  hooks: {
    // A button that goes away hands the focus on.
    onRetry(clientId) {
      connection.retry(clientId);
      composer.focus();
    },
    onDiscard(clientId) {
      connection.discard(clientId);
      composer.focus();
    },
    onMenu: (sequence, button) => acts.openMenu(sequence, button),
    onReact: (message, emoji, on) => acts.react(message, emoji, on),
    onJump: (sequence) => acts.jump(sequence),
    isOwnReaction: (message, emoji) => acts.hasReacted(message, emoji),
  },
});
const log = new LogView(page.querySelector("#chat-log"), {
  newest: page.querySelector("#newest"),
  timeline,
  view,
  you,
  pageSize,
  loadPage: (before, isApart) => connection.loadHistory(before, pageSize, isApart),
  isNews: (message) => reading.isNews(message),
  onSeen: (sequence) => reading.saw(sequence),
  onDrawn: () => reading.tellOfNewsAbove(),
});
reading.log = log;
const nameEditor = new NameEditor(page.querySelector("#you-here"), { you, rename });
const composer = new Composer(page.querySelector("#composer"), {
  strings,
  draft: new Draft({ room, owner: you.id }),
  onSend: (text) => acts.send(text),
  onUp: () => acts.editLast(),
  onEscape: () => acts.dropPurpose(),
});

const company = new Company(page, {
  connection,
  timeline,
  strings,
  you,
  onPerson: (person, button) => acts.openPerson(person, button),
});
const acts = new RoomActs(page, {
  strings,
  you,
  timeline,
  connection,
  log,
  roster: company.roster,
  composer,
});

connection.on("standing", stands);
connection.on("done", ({ you: me }) => {
  if (me) isCalled(me); // by `/nick`
});

const otherTabs = openChannel("lobby:you");
otherTabs?.addEventListener("message", ({ data }) => {
  if (data.id === nameEditor.you.id) isNow(data);
});
timeline.subscribe((change) => {
  if (!change.room) return;
  topic.textContent = timeline.room.topic;
  fitTopic();
});
new ResizeObserver(fitTopic).observe(topic);
window.addEventListener("storage", (event) => {
  const clientId = outbox.takenOutBy(event);
  if (clientId) connection.takenOutElsewhere(clientId);
});
keepForOwner(openStorage(), you.id);
composer.start(window.sentEarly);
fitAboveKeyboard(page);
nameDaysAtMidnight();
connection.start();

/** What is cut off is shown with the focus: a press brings it, and then so does Tab. */
function fitTopic() {
  const isCut = topic.scrollHeight > topic.clientHeight + 1;
  if (document.activeElement !== topic) topic.tabIndex = isCut ? 0 : -1;
}

function welcomed(welcome) {
  composer.limit = welcome.limits.message;
  isNow(welcome.you);
  stands(welcome.standing);
  reading.welcome(welcome);
}

function stands(standing) {
  page.querySelector("#room-settings").hidden = !moderates(standing);
  page.querySelector("#leave-room").hidden = !mayLeave(standing);
}

function isNow(me) {
  nameEditor.you = me;
  timeline.you = me;
  company.you = me;
  acts.you = me;
  log.you = me;
}

async function rename(name) {
  const me = await connection.rename(name);
  if (me) isCalled(me);
  return me;
}

/** One has another name, here and in one's other tabs. */
function isCalled(me) {
  isNow(me);
  otherTabs?.postMessage(me);
}

function stateChanged(state, code) {
  status.show(state, code);
  page.dataset.connection = state;
  if (state === "open") log.refresh();
  if (state === "closed") {
    composer.close();
    acts.closed(code);
  }
}

function nameDaysAtMidnight() {
  setTimeout(() => {
    log.refresh();
    nameDaysAtMidnight();
  }, msToMidnight() + 1000);
}
