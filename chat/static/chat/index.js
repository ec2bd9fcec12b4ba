/** The page that asks for a room: goes there, and tells how long ago each was talked in. */

import { hueClass } from "lobby/avatar";
import { TimeFormat } from "lobby/format";
import { isComposing } from "lobby/keys";
import { readStrings } from "lobby/strings";
import { trimmed } from "lobby/text";

const MINUTE_MS = 60_000;

const form = document.querySelector("#enter");
const input = document.querySelector("#room-name-input");
const hint = document.querySelector("#room-name-hint");
const strings = readStrings(document);
const times = new TimeFormat(strings);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  enter(trimmed(input.value));
});
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && isComposing(event)) event.preventDefault();
});
input.addEventListener("input", () => say(""));

for (const tile of document.querySelectorAll("[data-hue-of]")) {
  tile.classList.add(hueClass(tile.dataset.hueOf));
}
tellTimes();
setInterval(tellTimes, MINUTE_MS);
window.addEventListener("pageshow", tellTimes);
input.focus();
enterEarly();

/** Who pressed Enter before this script was there has come back to this page with the name. */
function enterEarly() {
  const early = new URLSearchParams(location.search).get("room");
  if (early === null) return;
  history.replaceState(null, "", location.pathname);
  input.value = early;
  enter(trimmed(early));
}

function enter(name) {
  if (!name) return say(strings.name_missing);
  // A browser takes `..` in an address for a step up, so the server could not say what is wrong.
  if (/^\.+$/.test(name)) return say(strings.name_dots);
  location.assign(
    `${new URL(form.action).pathname}${encodeURIComponent(name.toWellFormed?.() ?? name)}/`,
  );
}

function say(words) {
  hint.textContent = words;
  input.setAttribute("aria-invalid", String(words !== ""));
  if (words) input.focus();
}

function tellTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const date = new Date(time.dateTime);
    time.textContent = times.ago(date);
    time.title = times.moment(date);
  }
}
