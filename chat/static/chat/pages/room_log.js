/**
 * The room's messages: what holds them and what draws them. The newest ones came with the page and are drawn at
 * once; the rest of the page (`pages/room`) is loaded after this.
 */

import { browser, openChannel, openStorage } from "lobby/lib/environment";
import { readJson, readStrings, TimeFormat } from "lobby/lib/strings";
import { LogView } from "lobby/log/log_view";
import { MessageView } from "lobby/log/message_view";
import { Reading } from "lobby/room/reading";
import { Me } from "lobby/state/me";
import { byOwnClock } from "lobby/state/permissions";
import { Timeline } from "lobby/state/timeline";

export const page = document.querySelector("#room");
export const room = readJson(document, "room-name");
export const strings = readStrings(document);
export const storage = openStorage();
export const pageSize = Number(page.dataset.pageSize);
export const me = new Me(readJson(document, "you"), openChannel("lobby:you"));
export const timeline = new Timeline(me);

/** What the messages ask of the rest of the page, which puts its functions here once it is loaded. */
export const hooks = {};
/** A message keeps what it was drawn with: it finds the function when it is pressed. */
const hook =
  (name) =>
  (...values) =>
    hooks[name]?.(...values);

const view = new MessageView({
  strings,
  times: new TimeFormat(strings),
  timeline,
  hooks: {
    onRetry: hook("onRetry"),
    onDiscard: hook("onDiscard"),
    onMenu: hook("onMenu"),
    onReact: hook("onReact"),
    onJump: hook("onJump"),
    isOwnReaction: (message, emoji) => me.hasReacted(message, emoji),
  },
});
export const log = new LogView(page.querySelector("#chat-log"), {
  newest: page.querySelector("#newest"),
  timeline,
  view,
  me,
  pageSize,
  loadPage: async (before, isApart) => {
    if (!hooks.loadPage) throw new Error("not connected yet");
    await hooks.loadPage(before, isApart);
  },
  onSeen: (sequence) => reading.saw(sequence),
  onDrawn: () => reading.showNewsAbove(),
});
export const reading = new Reading(page.querySelector("#news-above"), {
  timeline,
  log,
  room,
  me,
  strings,
  storage,
  tell: (sequence) => hooks.tellSeen?.(sequence) ?? false,
});

showFirst(readJson(document, "first-frames"));

function showFirst([standing, changes]) {
  if (!changes) return;
  me.permissions = byOwnClock(standing, browser.now());
  const sequence = changes.messages.at(-1)?.sequence ?? 0;
  reading.begin({ epoch: changes.epoch, sequence, standing, you: me.you });
  timeline.applyChanges(changes);
}
