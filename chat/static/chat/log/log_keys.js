/**
 * The keyboard in the log. One message's buttons and links are in the order of Tab, or everybody's would
 * stand between the log and what follows. The arrow keys go from message to message, and sideways through what
 * one message offers. The focus survives that an entry is drawn anew.
 */

const BUTTON = ".more";
const CONTROL = "[data-control], .body :is(a, button)";
/** What scrolls sideways or plays keeps the arrow keys for itself. */
const TAB_STOP = `[data-control]:not(.like, .reply), .body :is(a, button, pre, .table), .player > :first-child`;

export class LogKeys {
  #log;
  #entries;
  #current = /** @type {HTMLElement|null} */ (null);
  /** @type {{sequence: string, control: string}|null} where the focus was last */
  #focused = null;

  /** @param {HTMLElement} log */
  constructor(log) {
    this.#log = log;
    this.#entries = log.querySelector(".entries");
    log.addEventListener("keydown", (event) => this.#pressed(event));
    log.addEventListener("focusin", ({ target }) => this.#focusedIn(target));
    log.addEventListener("focusout", ({ target }) => setTimeout(() => this.#left(target)));
    log.addEventListener("click", ({ target }) => this.#atHand(target.closest(".entry")));
    new MutationObserver((changes) => this.#redrawn(changes)).observe(this.#entries, {
      childList: true,
    });
  }

  #pressed(event) {
    const { key, shiftKey, target } = event;
    const entry = target.closest(".entry");
    if (!entry) return;
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[key];
    const isMenuKey = key === "ContextMenu" || (key === "F10" && shiftKey);
    const isRtl = getComputedStyle(entry).direction === "rtl";
    const aside = { ArrowLeft: isRtl ? 1 : -1, ArrowRight: isRtl ? -1 : 1 }[key];
    if (step && target.matches(CONTROL)) this.#go(entry[step]?.querySelector(BUTTON));
    else if (aside && target.matches(CONTROL)) beside(target, aside, entry)?.focus();
    else if (isMenuKey) entry.querySelector(BUTTON)?.click();
    else return;
    event.preventDefault();
  }

  #go(button) {
    if (!button) return;
    button.focus({ preventScroll: true });
    button.closest(".entry").scrollIntoView({ block: "nearest" });
  }

  #focusedIn(target) {
    const entry = target.closest(".entry[data-sequence]");
    if (!entry) return;
    this.#focused = { sequence: entry.dataset.sequence, control: target.dataset.control };
    this.#makeCurrent(entry);
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
    for (const entry of changes.flatMap(({ addedNodes }) => [...addedNodes]))
      setTabIndex(entry, -1);
    this.#restoreFocus();
    const isInUse = this.#log.contains(this.#log.ownerDocument.activeElement);
    if (this.#current?.isConnected && isInUse) return;
    if (this.#entries.lastElementChild) this.#makeCurrent(this.#entries.lastElementChild);
  }

  #makeCurrent(entry) {
    if (this.#current) setTabIndex(this.#current, -1);
    this.#current = entry;
    setTabIndex(entry, 0);
  }

  #restoreFocus() {
    const { activeElement, body } = this.#log.ownerDocument;
    if (!this.#focused || activeElement !== body) return;
    const { sequence, control } = this.#focused;
    const entry = this.#entries.querySelector(`[data-sequence="${sequence}"]`);
    const same = control && entry?.querySelector(`[data-control="${CSS.escape(control)}"]`);
    // The other tools are hidden, and take no focus, until the entry has it.
    (entry?.querySelector(BUTTON) ?? this.#log).focus({ preventScroll: true });
    same?.focus({ preventScroll: true });
  }
}

function beside(control, step, entry) {
  const isVisible = (one) => one.checkVisibility({ visibilityProperty: true });
  const controls = [...entry.querySelectorAll(CONTROL)].filter(isVisible);
  return controls[controls.indexOf(control) + step];
}

function setTabIndex(entry, tabIndex) {
  for (const control of entry.querySelectorAll(TAB_STOP)) control.tabIndex = tabIndex;
}
