/**
 * Times that the server has drawn in its own zone, in the reader's: `<time datetime="…" data-local>`. A form that
 * means days is told the reader's zone.
 */

const times = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "medium",
  timeStyle: "short",
});
for (const time of document.querySelectorAll("time[data-local]")) {
  time.title = time.textContent;
  time.textContent = times.format(new Date(time.dateTime));
}
for (const input of document.querySelectorAll("input[name=zone]")) {
  input.value = times.resolvedOptions().timeZone;
  input.disabled = false;
}
