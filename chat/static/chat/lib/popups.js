/** Menus, and questions that are asked before something is done. */

import { button, element } from "./elements.js";
import { inReadingOrder } from "./input.js";

/** Between the menu and the window's edge, or its button. */
const MARGIN_PX = 8;

/**
 * @typedef {{label: string, run: () => void, symbol?: string, isDanger?: boolean}} Item
 *   `symbol`: it stands in a row with others of its kind, and the label is for the ear and as a title
 */

/**
 * A menu at a button, and from the bottom of a narrow window. One is open at a time. The arrow keys go
 * through it, up and down past a row of symbols at once; Escape, Tab and a press elsewhere close it, and
 * the focus is where it was.
 * @param {HTMLElement} anchor what it belongs to
 * @param {object} options
 * @param {Node|string} options.title
 * @param {Item[][]} options.groups
 */
export function openMenu(anchor, { title, groups }) {
  const menu = element("div", "menu");
  menu.setAttribute("role", "menu");
  const heading = element("p", "menu-title");
  heading.id = "menu-title";
  heading.append(title);
  menu.setAttribute("aria-labelledby", heading.id);
  const filled = groups.filter((items) => items.length);
  menu.append(heading, ...filled.map((items) => groupElement(items, menu)));
  menu.addEventListener("keydown", (event) => pressed(menu, event));
  showAt(anchor, menu);
  focusables(menu)[0]?.focus();
}

/**
 * Show something at a button until Escape or a press elsewhere; then it is gone, and the focus is where it was.
 * Nothing is shown at what has gone itself.
 */
export function showAt(anchor, popup) {
  if (!anchor.isConnected) return;
  popup.popover = "auto";
  // At once, while `toggle` comes later: another one may be open at the same button by then.
  popup.addEventListener("beforetoggle", ({ newState }) => {
    anchor.setAttribute("aria-expanded", String(newState === "open"));
  });
  popup.addEventListener("toggle", ({ newState }) => {
    if (newState === "closed") popup.remove();
  });
  // A page behind an open dialog takes no presses.
  anchor.closest("dialog, main").append(popup);
  popup.showPopover();
  place(popup, anchor.getBoundingClientRect());
}

function groupElement(items, menu) {
  const group = element("div", items[0].symbol ? "menu-row" : "menu-group");
  group.setAttribute("role", "group");
  for (const item of items) {
    const entry = button(item.isDanger ? "danger" : "", item.symbol ?? item.label, () => {
      menu.hidePopover();
      item.run();
    });
    entry.setAttribute("role", "menuitem");
    entry.tabIndex = -1;
    if (item.symbol) {
      entry.title = item.label;
      entry.setAttribute("aria-label", item.label);
    }
    group.append(entry);
  }
  return group;
}

function focusables(menu) {
  return [...menu.querySelectorAll('[role="menuitem"]')];
}

function pressed(menu, event) {
  const entries = focusables(menu);
  const at = entries.indexOf(document.activeElement);
  const key = inReadingOrder(event.key, menu);
  if (key === "Tab") return menu.hidePopover();
  const row = document.activeElement.closest(".menu-row");
  const first = row ? entries.indexOf(row.firstElementChild) : at;
  const last = row ? entries.indexOf(row.lastElementChild) : at;
  if (key === "ArrowDown") entries[(last + 1) % entries.length].focus();
  else if (key === "ArrowUp") entries.at(first - 1).focus();
  else if (key === "ArrowRight") entries[(at + 1) % entries.length].focus();
  else if (key === "ArrowLeft") entries.at(at - 1).focus();
  else if (key === "Home") entries[0].focus();
  else if (key === "End") entries.at(-1).focus();
  else return;
  event.preventDefault();
}

/** Below the anchor where there is room, else above, and ending where it ends; never outside the window. */
function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const isBelow = anchor.bottom + height + MARGIN_PX <= clientHeight;
  const top = isBelow ? anchor.bottom : anchor.top - height;
  const left = anchor.right - width;
  menu.style.setProperty("--top", `${within(top, clientHeight - height)}px`);
  menu.style.setProperty("--left", `${within(left, clientWidth - width)}px`);
}

function within(px, max) {
  return Math.max(MARGIN_PX, Math.min(px, max - MARGIN_PX));
}

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text"|"choice"|"check"} kind
 * @property {number} [maxLength] of a text
 * @property {boolean} [isRequired] of a text
 * @property {[string, string][]} [options] of a choice: value and label
 * @property {string} [hint]
 */

/**
 * Ask, and wait for the answer.
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.words]
 * @param {Field[]} [question.fields]
 * @param {string} question.action the word on the button that does it
 * @param {string} question.cancel
 * @param {boolean} [question.isDanger]
 * @returns {Promise<Record<string, string|boolean>|null>} the fields' values; null when it is not to be done
 */
export function ask({ title, words, fields = [], action, cancel, isDanger = false }) {
  const yes = element("button", isDanger ? "danger" : "", action);
  yes.value = "yes";
  const parts = [...(words ? [element("p", "", words)] : []), ...fields.map(fieldElement)];
  const dialog = openDialog(title, parts, [button("quiet", cancel, () => dialog.close()), yes]);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const form = dialog.querySelector("form");
      resolve(dialog.returnValue === "yes" ? valuesOf(form, fields) : null);
    });
  });
}

/**
 * Show something until its button, or Escape, closes it.
 * @param {object} options
 * @param {string} options.title
 * @param {Node[]} options.parts
 * @param {string} options.close the word on the button
 * @returns {HTMLDialogElement}
 */
export function show({ title, parts, close }) {
  const dialog = openDialog(title, parts, [button("", close, () => dialog.close())]);
  return dialog;
}

function openDialog(title, parts, choices) {
  const dialog = element("dialog", "ask");
  const heading = element("h2", "", title);
  heading.id = "ask-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  const form = element("form", "");
  form.method = "dialog";
  const buttons = element("div", "ask-buttons");
  buttons.append(...choices);
  form.append(heading, ...parts, buttons);
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function fieldElement(field) {
  const label = element("label", `ask-${field.kind}`);
  const input = inputOf(field);
  input.name = field.name;
  const words = element("span", "", field.label);
  label.append(...(field.kind === "check" ? [input, words] : [words, input]));
  if (field.hint) label.append(element("small", "", field.hint));
  return label;
}

function inputOf({ kind, options = [], maxLength, isRequired }) {
  if (kind === "choice") {
    const select = element("select", "");
    select.append(...options.map(([value, label]) => new Option(label, value)));
    return select;
  }
  const input = element("input", "");
  input.type = kind === "check" ? "checkbox" : "text";
  if (maxLength) input.maxLength = maxLength;
  input.required = Boolean(isRequired);
  input.autocomplete = "off";
  if (kind === "text") input.dir = "auto";
  return input;
}

function valuesOf(form, fields) {
  const answerTo = ({ name, kind }) =>
    kind === "check" ? form.elements[name].checked : form.elements[name].value.trim();
  return Object.fromEntries(fields.map((field) => [field.name, answerTo(field)]));
}
