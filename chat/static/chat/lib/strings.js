/** The page's words and times, in the page's language. */

/**
 * The words that the server has written into `<template id="strings">`, so that no language is in a script.
 * @returns {Record<string, string>}
 */
export function readStrings(document) {
  const rows = document.querySelector("#strings").content.querySelectorAll("[data-string]");
  return Object.fromEntries([...rows].map((row) => [row.dataset.string, row.textContent.trim()]));
}

/** `fill("{count} left", {count: 3})` is "3 left". */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

let rules;

/**
 * The form of a text that a whole number takes in the page's language, such as `strings.kept_few`.
 * @param {Record<string, string>} strings
 * @param {string} name without the form
 * @param {number} number
 * @param {string|number} [count] how the number is shown
 */
export function fillCount(strings, name, number, count = number) {
  rules ??= new Intl.PluralRules(document.documentElement.lang);
  return fill(strings[`${name}_${rules.select(number)}`] ?? strings[`${name}_other`], { count });
}

/**
 * The same with nodes, for names that are to stand in a `<bdi>` of their own.
 * @param {string} text
 * @param {Record<string, Node|string>} nodes
 * @returns {(Node|string)[]} to be appended
 */
export function fillNodes(text, nodes) {
  return text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? (nodes[part] ?? "") : part));
}

/** A name in a text, so that its direction stays its own, and turns nothing around it. */
export function apart(name) {
  return `\u2068${name}\u2069`;
}

let lists;

/** "Alice, Bob, and Charlie" in the page's language. @param {string[]} names */
export function listed(names) {
  lists ??= new Intl.ListFormat(document.documentElement.lang);
  return lists.format(names);
}

/** The beginning of a text, on one line. */
export function excerpt(text) {
  const line = text.replace(/\s+/g, " ");
  const points = [...line.slice(0, 2 * EXCERPT_MAX + 2)];
  return points.length > EXCERPT_MAX ? `${points.slice(0, EXCERPT_MAX).join("")}…` : line;
}

/** What a `json_script` block holds. */
export function readJson(document, id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** So many code points of a message are shown to tell which one it is. */
const EXCERPT_MAX = 120;

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const STEPS = [
  ["minute", 60_000, 60],
  ["hour", 3_600_000, 24],
  ["day", DAY_MS, 7],
];

/** The page's language, as the reader has it: "en-GB" where the page says "en". */
export function pageLocale() {
  const { lang } = document.documentElement;
  return navigator.languages.find((own) => `${own}-`.startsWith(`${lang}-`)) ?? lang;
}

/** Times in the page's language, and in the reader's habits and zone. */
export class TimeFormat {
  #strings;
  #time;
  #day;
  #dayOfYear;
  #moment;
  #relative;
  #short;
  /** @type {Map<number, string>} the day of each quarter of an hour that was asked for */
  #days = new Map();

  /**
   * @param {{today: string, yesterday: string, just_now?: string}} strings
   * @param {string|string[]} [locale] the page's unless told
   * @param {string} [timeZone] the browser's unless told
   */
  constructor(strings, locale = pageLocale(), timeZone = undefined) {
    const format = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
    this.#strings = strings;
    this.#time = format({ hour: "numeric", minute: "2-digit" });
    this.#day = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.#dayOfYear = format({ weekday: "long", day: "numeric", month: "long" });
    this.#moment = format({ dateStyle: "full", timeStyle: "medium" });
    this.#short = format({ day: "numeric", month: "short", year: "numeric" });
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  }

  /** Hour and minute. */
  time(date) {
    return this.#time.format(date);
  }

  /** Date and time in full, for a tooltip. */
  moment(date) {
    return this.#moment.format(date);
  }

  /** Day and time in short, in every context: "Nov 28, 2026, 4:05 AM". */
  dateAndTime(date) {
    return `${this.#short.format(date)}, ${this.time(date)}`;
  }

  /** "Today", "Yesterday", or the long date; the year only when it is not this one. */
  day(date, now = new Date()) {
    if (this.isSameDay(date, now)) return this.#strings.today;
    if (this.isSameDay(date, dayBefore(now))) return this.#strings.yesterday;
    const isThisYear = date.getFullYear() === now.getFullYear();
    return (isThisYear ? this.#dayOfYear : this.#day).format(date);
  }

  isSameDay(one, other) {
    return this.#dayOf(one) === this.#dayOf(other);
  }

  /** To format a date is slow. Wherever one is, no day begins within a quarter of an hour. */
  #dayOf(date) {
    const quarter = Math.floor(date / QUARTER_MS);
    if (!this.#days.has(quarter)) this.#days.set(quarter, this.#short.format(date));
    return this.#days.get(quarter);
  }

  /** "5 min. ago"; after a week the date. */
  ago(date, now = new Date()) {
    const past = Math.max(0, now - date);
    if (past < 60_000) return this.#strings.just_now;
    for (const [unit, ms, limit] of STEPS) {
      const count = Math.floor(past / ms);
      if (count < limit) return this.#relative.format(-count, unit);
    }
    return this.#short.format(date);
  }
}

/** Some time on the day before. A day can have 23 or 25 hours: noon is far from both ends. */
function dayBefore(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - 1, 12);
}

/** Milliseconds until the day changes here. */
export function msToMidnight(now = new Date()) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1) - now;
}

/**
 * Times that the server has drawn in its own zone, `<time datetime="…" data-local>`, in the reader's.
 * @param {Document} page
 */
export function showOwnTimes(page) {
  const options = { dateStyle: "medium", timeStyle: "short" };
  const times = new Intl.DateTimeFormat(document.documentElement.lang, options);
  for (const time of page.querySelectorAll("time[data-local]")) {
    time.title = time.textContent;
    time.textContent = times.format(new Date(time.dateTime));
  }
}
