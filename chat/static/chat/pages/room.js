/** The room's page: makes its parts, joins them, and draws the newest messages, which came with the page. */

import { Composing } from "../composer/composing.js";
import { Draft } from "../composer/draft.js";
import { CodeColours } from "../lib/code_colours.js";
import { EmojiPicker } from "../lib/emoji_picker.js";
import {
  browser,
  fitAboveKeyboard,
  keepForOwner,
  openChannel,
  openStorage,
  socketUrl,
} from "../lib/environment.js";
import { followUploads } from "../lib/file_view.js";
import { joinLook } from "../lib/look.js";
import { show } from "../lib/popups.js";
import { msToMidnight, pageLocale, readJson, readStrings, TimeFormat } from "../lib/strings.js";
import { joinCopying } from "../log/copying.js";
import { runCountdowns } from "../log/entries.js";
import { LogKeys } from "../log/log_keys.js";
import { LogView } from "../log/log_view.js";
import { MessageBody } from "../log/message_body.js";
import { followLinks } from "../log/message_links.js";
import { MessageView } from "../log/message_view.js";
import { ReadingAloud } from "../log/reading_aloud.js";
import { Connection } from "../net/connection.js";
import { fileRequests } from "../net/file_requests.js";
import { FileStore } from "../net/file_store.js";
import { LinkedMessages } from "../net/linked_messages.js";
import { Outbox } from "../net/outbox.js";
import { OwnReactions } from "../net/own_reactions.js";
import { Uploads } from "../net/uploads.js";
import { NameEditor } from "../people/name_editor.js";
import { PeoplePanel } from "../people/people_panel.js";
import { joinTyping } from "../people/typing.js";
import { Acts } from "../room/acts.js";
import { MentionBar } from "../room/mention_bar.js";
import { Reading } from "../room/reading.js";
import { joinRoomPanel } from "../room/room_panel.js";
import { RoomsBeside } from "../room/rooms_beside.js";
import { SearchPanel } from "../room/search_panel.js";
import { Notices, StatusLine, showSentAway } from "../room/status.js";
import { Me } from "../state/me.js";
import { UnreadMentions } from "../state/mentions.js";
import { byOwnClock, mayReadEarlier } from "../state/permissions.js";
import { Roster } from "../state/roster.js";
import { Timeline } from "../state/timeline.js";

const page = document.querySelector("#room");
const room = readJson(document, "room-name");
const strings = readStrings(document);
const storage = openStorage();
const pageSize = Number(page.dataset.pageSize);
const me = new Me(readJson(document, "you"), openChannel("lobby:you"));
const timeline = new Timeline(me, strings.deleted_account);
const topic = page.querySelector("#topic");
const roster = new Roster(pageLocale());
const mentions = new UnreadMentions(me);
const outbox = new Outbox({ storage, room, owner: me.id });
const uploads = new Uploads({
  store: new FileStore(),
  requests: fileRequests,
  environment: browser,
  strings,
});
const status = new StatusLine(page.querySelector("#status"), {
  strings,
  environment: browser,
  onReconnect: () => connection.reconnect(),
  onFocusLost: () => composer.focus(),
});
const connection = new Connection({
  url: socketUrl(`/ws/chat/${encodeURIComponent(room)}/`),
  me,
  timeline,
  outbox,
  uploads,
  environment: browser,
  strings,
  onState: stateChanged,
});
const linkedMessages = new LinkedMessages({ timeline, connection, environment: browser });
const ownReactions = new OwnReactions({ me, timeline, connection, environment: browser });
const times = new TimeFormat(strings);
const body = new MessageBody({ strings, colours: new CodeColours(page.dataset), me });
const view = new MessageView({
  room,
  strings,
  times,
  timeline,
  body,
  uploads,
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
    onRewrite: (clientId) => composing.rewrite(clientId),
    onCancel: (clientId) => composing.takeBack(clientId),
    onView: (link) => lookAt(link),
    onReply: (message) => composing.reply(message),
    onMenu: (sequence, button) => acts.menus.openMessage(sequence, button),
    onReact: (message, emoji, on) => acts.react(message, emoji, on),
    onPerson: (author, button) => acts.menus.openPerson(author, button),
    onJump: (sequence) => acts.jump(sequence),
    onEarlier: showEarlier,
    mayReadEarlier: (message) => mayReadEarlier(message, me),
    isOwnReaction: (message, emoji) => ownReactions.has(message, emoji),
    isLinkedHeld: (place, from) => linkedMessages.has(place, from),
  },
});
const log = new LogView(page.querySelector("#chat-log"), {
  newest: page.querySelector("#newest"),
  dayAtTop: page.querySelector("#day-at-top"),
  wayBack: page.querySelector("#way-back"),
  timeline,
  view,
  me,
  strings,
  pageSize,
  loadPage: (before) => connection.loadHistory(before, pageSize),
  onSeen: (sequence, first) => reading.saw(sequence, first),
  onDrawn: () => reading.showNews(),
  onNotLoaded: () => notices.refuse(strings.reply_not_loaded),
});
const notices = new Notices(page.querySelector(".notices"), {
  strings,
  onDismiss: () => composer.focus(),
});
const draft = new Draft({ room, owner: me.id });
const emojiButton = page.querySelector("#emoji-button");
const emoji = new EmojiPicker({ strings, storage, url: emojiButton.dataset.list });
/** @typedef {typeof parts} Parts what the parts of the page have in common */
const parts = {
  room,
  strings,
  storage,
  me,
  mentions,
  timeline,
  connection,
  uploads,
  ownReactions,
  log,
  roster,
  notices,
  draft,
  emoji,
};
new MentionBar(page.querySelector("#mentions"), {
  mentions,
  strings,
  onJump: (sequence) => acts.jump(sequence),
});
const reading = new Reading(page.querySelector("#news-above"), parts);
const composing = new Composing(page, parts);
const { composer } = composing;
const acts = new Acts(page, parts, composing);

followLinks(page.querySelector("#chat-log"), room, (sequence) => acts.jump(sequence));
new LogKeys(page.querySelector("#chat-log"), {
  onLeave: () => composer.focus(),
  onHelp: showKeys,
});
page.querySelector("#keys-button").addEventListener("click", showKeys);
followUploads(page, uploads);
joinCopying(page.querySelector("#chat-log"), { timeline, times });
runCountdowns(page.querySelector(".pendings"), strings.sent_in);
new NameEditor(page.querySelector("#you-here"), parts);
const people = new PeoplePanel(page, parts, (person, button) =>
  acts.menus.openPerson(person, button),
);
joinTyping(page, parts);
new RoomsBeside(page, parts);
joinRoomPanel(page, parts);

connection.on("welcome", (welcome) => {
  roster.take(welcome);
  reading.begin(welcome);
});
connection.on("presence", (presence) => roster.take(presence));
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
joinLook((change) => log.keepingPlace(change));
new SearchPanel(page, parts, {
  times,
  onJump: (sequence) => acts.jump(sequence),
  onShown: (isColumn) => people.stepAside(isColumn),
});
showFirst(readJson(document, "first-frames"));
const readingAloud = new ReadingAloud(page.querySelector("#read-out"), {
  strings,
  me,
  newest: timeline.newest ?? 0,
});
connection.on("changes", (frame) => readingAloud.take(frame));
keepForOwner(storage, me.id);
composing.start(window.sentEarly);
fitAboveKeyboard(page);
nameDaysAtMidnight();
connection.start();

/** What is cut off is shown with the focus: a press brings it, and then so does Tab. */
function fitTopic() {
  const isCut = topic.scrollHeight > topic.clientHeight + 1;
  if (document.activeElement !== topic) topic.tabIndex = isCut ? 0 : -1;
}

function stateChanged(state, code) {
  status.show(state, code, connection.retryAt);
  page.dataset.connection = state;
  if (state === "open") {
    log.refresh();
    uploads.wake();
  }
  if (state === "closed") {
    composer.close();
    showSentAway(page.querySelector("#sent-away"), strings, { code, room: timeline.room, me });
  }
}

function showKeys() {
  const keys = document.querySelector("#keys");
  const { close } = strings;
  show({ title: keys.dataset.title, parts: [keys.content.cloneNode(true)], close });
}

/** @type {import("./earlier_texts.js").EarlierTexts|undefined} */
let earlierTexts;

async function showEarlier(sequence) {
  const script = await import(page.dataset.earlier).catch(() => null);
  if (!script) return; // There is no connection.
  earlierTexts ??= new script.EarlierTexts(parts, { body, times });
  earlierTexts.open(sequence);
}

async function lookAt(link) {
  const lightbox = await import(page.dataset.lightbox).catch(() => null);
  if (lightbox) lightbox.openLightbox(link, strings);
  else location.assign(link.href);
}

function nameDaysAtMidnight() {
  setTimeout(() => {
    log.refresh();
    nameDaysAtMidnight();
  }, msToMidnight() + 1000);
}

function showFirst([standing, changes]) {
  if (!changes) return;
  me.permissions = byOwnClock(standing, browser.now());
  const sequence = changes.messages.at(-1)?.sequence ?? 0;
  reading.begin({ epoch: changes.epoch, sequence, standing, you: me.you });
  const linked = Number(page.dataset.sequence);
  if (!linked) return timeline.applyChanges(changes);
  timeline.openAt(changes, linked);
  log.goTo(linked);
}
