/**
 * The keyboard in the log, which is one stop of the Tab key: on its way in Tab meets the log, on its way out what comes
 * before or after it. Up and down go from message to message, left and right through what one offers, Escape to where
 * one writes; `?` tells of the keys. The focus survives that an entry is drawn anew.
 */

import { inReadingOrder } from "../lib/input.js";

const MENU = ".more";
/** What scrolls sideways or plays needs the arrow keys itself. */
const OWN_ARROWS = ".table, .player > :first-child";
const CONTROL = `[data-control], .body :is(a, button), ${OWN_ARROWS}`;

export class LogKeys {
  #log;
  #onLeave;
  #onHelp;
  /** The control that has the focus, or had it last. @type {HTMLElement|undefined} */
  #control;
  /** @type {{sequence: string, control: string}|null} where the focus is, if it is in a stored message */
  #focused = null;

  /**
   * @param {HTMLElement} log
   * @param {object} options
   * @param {() => void} options.onLeave Escape was pressed
   * @param {() => void} options.onHelp one wants to know the keys
   */
  constructor(log, { onLeave, onHelp }) {
    this.#log = log;
    this.#onLeave = onLeave;
    this.#onHelp = onHelp;
    log.addEventListener("keydown", (event) => this.#pressed(event));
    log.addEventListener("focusin", ({ target }) => this.#focusedIn(target));
    log.addEventListener("focusout", (event) => this.#focusedOut(event));
    log.addEventListener("click", ({ target }) => this.#atHand(target.closest(".entry")));
    new MutationObserver((changes) => this.#redrawn(changes)).observe(log, {
      childList: true,
      subtree: true,
    });
  }

  #pressed(event) {
    const { target, altKey, ctrlKey, metaKey } = event;
    if (event.defaultPrevented || altKey || ctrlKey || metaKey) return;
    const entry = target.closest(".entry");
    const isDone = event.key === "?" ? this.#help() : this.#act(event, entry);
    if (isDone) event.preventDefault();
  }

  #help() {
    this.#onHelp();
    return true;
  }

  /** @returns {boolean} whether the key has done something here; if not, the browser scrolls by it */
  #act({ key, shiftKey, target }, entry) {
    const isOwn = target.matches(OWN_ARROWS);
    if (key === "Escape") return this.#leave(isOwn && entry);
    if (key === "ContextMenu" || (key === "F10" && shiftKey)) return press(entry);
    if (isOwn) return false;
    // The log scrolls to its first or last message, which is then not far from the focus.
    if (key === "Home" || key === "End") this.#log.focus({ preventScroll: true });
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (step) return this.#goFrom(entry, step);
    const aside = { ArrowLeft: -1, ArrowRight: 1 }[entry && inReadingOrder(key, entry)];
    if (aside) beside(target, aside, entry)?.focus();
    return Boolean(aside);
  }

  #leave(entry) {
    const menu = entry ? entry.querySelector(MENU) : null;
    if (menu) menu.focus();
    else this.#onLeave();
    return true;
  }

  /** Of a message that is higher than the log the rest is shown first. */
  #goFrom(entry, step) {
    const { top, bottom } = this.#log.getBoundingClientRect();
    const isInView = (one) => {
      const box = one.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    };
    const entries = [...this.#log.querySelectorAll(".entry:not(.collapsed)")].filter(firstControl);
    if (entry) {
      const box = entry.getBoundingClientRect();
      if (step < 0 ? box.top < top : box.bottom > bottom) return false;
      return this.#go(entries[entries.indexOf(entry) + step]);
    }
    const inView = entries.filter(isInView);
    const current = this.#control?.closest(".entry");
    return this.#go(inView.find((one) => one === current) ?? inView.at(step < 0 ? -1 : 0));
  }

  #go(entry) {
    if (!entry) return false;
    firstControl(entry).focus({ preventScroll: true });
    entry.scrollIntoView({ block: "nearest" });
    return true;
  }

  #focusedIn(target) {
    const entry = target.closest(".entry");
    this.#log.tabIndex = entry ? -1 : 0;
    if (!entry) return;
    this.#control = target;
    target.tabIndex = 0;
    const { sequence } = entry.dataset;
    this.#focused = sequence ? { sequence, control: target.dataset.control } : null;
  }

  #focusedOut({ target, relatedTarget }) {
    if (target.closest(".entry") && !target.matches(OWN_ARROWS)) target.tabIndex = -1;
    if (this.#log.contains(relatedTarget)) return;
    this.#log.tabIndex = 0;
    setTimeout(() => this.#left(target));
  }

  /** The focus went elsewhere, and not because what had it was drawn anew. */
  #left(target) {
    const isElsewhere = !this.#log.contains(this.#log.ownerDocument.activeElement);
    if (isElsewhere && target.isConnected) this.#focused = null;
  }

  /** Where nothing hovers, a tap shows a message's tools and time. */
  #atHand(entry) {
    if (!matchMedia("(hover: none)").matches) return;
    for (const other of this.#log.querySelectorAll(".at-hand")) other.classList.remove("at-hand");
    entry?.classList.add("at-hand");
  }

  #redrawn(changes) {
    const { activeElement } = this.#log.ownerDocument;
    for (const added of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      for (const control of added.querySelectorAll?.(CONTROL) ?? [])
        if (control !== activeElement) control.tabIndex = -1;
      for (const table of added.querySelectorAll?.(".table") ?? [])
        if (table.scrollWidth > table.clientWidth) table.tabIndex = 0; // or nobody could scroll it
    }
    this.#restoreFocus();
  }

  #restoreFocus() {
    const { activeElement, body } = this.#log.ownerDocument;
    if (!this.#focused || activeElement !== body) return;
    const { sequence, control } = this.#focused;
    const entry = this.#log.querySelector(`.entry[data-sequence="${sequence}"]`);
    const same = control && entry?.querySelector(`[data-control="${CSS.escape(control)}"]`);
    // The other tools are hidden, and take no focus, until the entry has it.
    (entry?.querySelector(MENU) ?? this.#log).focus({ preventScroll: true });
    same?.focus({ preventScroll: true });
  }
}

function press(entry) {
  entry?.querySelector(MENU)?.click();
  return Boolean(entry);
}

/** What takes the focus for the whole entry: the button of its menu, or what a message offers that waits. */
function firstControl(entry) {
  return entry.querySelector(MENU) ?? entry.querySelector(CONTROL);
}

function beside(control, step, entry) {
  const takesFocus = (one) =>
    one.checkVisibility({ visibilityProperty: true }) && !(one.matches(".table") && one.tabIndex);
  const controls = [...entry.querySelectorAll(CONTROL)].filter(takesFocus);
  return controls[controls.indexOf(control) + step];
}
