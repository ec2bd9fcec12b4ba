/** Times that the server has drawn in its own zone, in the reader's: `<time datetime="…" data-local>`. */

const times = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "medium",
  timeStyle: "short",
});
for (const time of document.querySelectorAll("time[data-local]")) {
  time.title = time.textContent;
  time.textContent = times.format(new Date(time.dateTime));
}
