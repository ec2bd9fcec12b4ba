/** The room's page: makes the parts beside the messages (`pages/room_log`) and joins them. */

import { Composing } from "lobby/composer/composing";
import { Draft } from "lobby/composer/draft";
import { browser, fitAboveKeyboard, keepForOwner, socketUrl } from "lobby/lib/environment";
import { msToMidnight } from "lobby/lib/strings";
import { LogKeys } from "lobby/log/log_keys";
import { runCountdowns } from "lobby/log/pending_entries";
import { Connection } from "lobby/net/connection";
import { Outbox } from "lobby/net/outbox";
import {
  hooks,
  log,
  me,
  page,
  pageSize,
  reading,
  room,
  storage,
  strings,
  timeline,
} from "lobby/pages/room_log";
import { NameEditor } from "lobby/people/name_editor";
import { PeoplePanel } from "lobby/people/people_panel";
import { joinTyping } from "lobby/people/typing";
import { Acts } from "lobby/room/acts";
import { Notices, SentAway, StatusLine } from "lobby/room/status";
import { mayLeave, moderates } from "lobby/state/permissions";
import { Roster } from "lobby/state/roster";

const topic = page.querySelector("#topic");
const roster = new Roster();
const outbox = new Outbox({ storage, room, owner: me.id });
const status = new StatusLine(page.querySelector("#status"), strings);
const sentAway = new SentAway(page.querySelector("#sent-away"), strings);
const connection = new Connection({
  url: socketUrl(`/ws/chat/${encodeURIComponent(room)}/`),
  me,
  timeline,
  outbox,
  environment: browser,
  strings,
  onState: stateChanged,
});
const joined = { strings, me, timeline, connection, log, roster };
const notices = new Notices(page.querySelector(".notices"), {
  strings,
  onDismiss: () => composer.focus(),
});
const draft = new Draft({ room, owner: me.id });
const composing = new Composing(page, { ...joined, draft, notices });
const { composer } = composing;
const acts = new Acts(page, { ...joined, notices, composing });

Object.assign(hooks, {
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
  loadPage: (before, isApart) => connection.loadHistory(before, pageSize, isApart),
  tellSeen: (sequence) => connection.say({ type: "seen", sequence }),
});
new LogKeys(page.querySelector("#chat-log"), (button) => button.click());
runCountdowns(page.querySelector(".pendings"), strings.sent_in);
new NameEditor(page.querySelector("#you-here"), {
  me,
  rename: (name) => connection.rename(name),
});
new PeoplePanel(page.querySelector("#people"), {
  ...joined,
  sheet: page.querySelector("#people-sheet"),
  button: page.querySelector("#people-button"),
  announcer: page.querySelector("#people-told"),
  onPerson: (person, button) => acts.openPerson(person, button),
});
joinTyping(page, joined);

connection.on("welcome", (welcome) => {
  roster.take(welcome);
  reading.begin(welcome);
});
connection.on("presence", (presence) => roster.take(presence));
me.subscribe(() => {
  page.querySelector("#room-settings").hidden = !moderates(me.permissions);
  page.querySelector("#leave-room").hidden = !mayLeave(me.permissions);
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
keepForOwner(storage, me.id);
composer.start(window.sentEarly);
fitAboveKeyboard(page);
nameDaysAtMidnight();
connection.start();

/** What is cut off is shown with the focus: a press brings it, and then so does Tab. */
function fitTopic() {
  const isCut = topic.scrollHeight > topic.clientHeight + 1;
  if (document.activeElement !== topic) topic.tabIndex = isCut ? 0 : -1;
}

function stateChanged(state, code) {
  status.show(state, code);
  page.dataset.connection = state;
  if (state === "open") log.refresh();
  if (state === "closed") {
    composer.close();
    sentAway.show(code, timeline.room, me.permissions);
  }
}

function nameDaysAtMidnight() {
  setTimeout(() => {
    log.refresh();
    nameDaysAtMidnight();
  }, msToMidnight() + 1000);
}
