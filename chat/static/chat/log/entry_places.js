/** Which entries of a log are on the screen. Entries stand in order, so each is found by halving. */

/** Of a message that is higher than this, so much is enough to have been seen. */
const GLANCE_PX = 48;

/** @returns {HTMLElement|undefined} the first entry that reaches into the log's view */
export function firstVisible(log, entries) {
  return entries[firstAt(entries, (entry) => bottomOf(entry) > log.scrollTop)];
}

/** @returns {HTMLElement|undefined} the last entry that has been on the screen when the log stands as it does */
export function lastVisible(log, entries) {
  const end = log.scrollTop + log.clientHeight + 1;
  const isBelow = (entry) => entry.offsetTop + Math.min(entry.offsetHeight, GLANCE_PX) > end;
  return entries[firstAt(entries, isBelow) - 1];
}

function bottomOf({ offsetTop, offsetHeight }) {
  return offsetTop + offsetHeight;
}

function firstAt(entries, holds) {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(entries[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
