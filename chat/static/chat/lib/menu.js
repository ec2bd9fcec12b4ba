/**
 * A menu at a button, and from the bottom of a narrow window. One is open at a time. The arrow keys go
 * through it, up and down past a row of symbols at once; Escape, Tab and a press elsewhere close it, and
 * the focus is where it was.
 */

import { button, element } from "lobby/lib/elements";

/** Between the menu and the window's edge, or its button. */
const MARGIN_PX = 8;
const NEXT = new Set(["ArrowDown", "ArrowRight"]);
const PREVIOUS = new Set(["ArrowUp", "ArrowLeft"]);

/**
 * @typedef {{label: string, run: () => void, symbol?: string, isDanger?: boolean}} Item
 *   `symbol`: it stands in a row with others of its kind, and the label is for the ear and as a title
 */

/**
 * @param {HTMLElement} anchor what it belongs to
 * @param {object} options
 * @param {Node|string} options.title
 * @param {Item[][]} options.groups
 */
export function openMenu(anchor, { title, groups }) {
  const menu = element("div", "menu");
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  const heading = element("p", "menu-title");
  heading.id = "menu-title";
  heading.append(title);
  menu.setAttribute("aria-labelledby", heading.id);
  const filled = groups.filter((items) => items.length);
  menu.append(heading, ...filled.map((items) => groupElement(items, menu)));
  menu.addEventListener("keydown", (event) => pressed(menu, event));
  // At once, while `toggle` comes later: another menu may be open at the same button by then.
  menu.addEventListener("beforetoggle", ({ newState }) => {
    anchor.setAttribute("aria-expanded", String(newState === "open"));
  });
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "closed") menu.remove();
  });
  // A page behind an open dialog takes no presses.
  anchor.closest("dialog, main").append(menu);
  menu.showPopover();
  place(menu, anchor.getBoundingClientRect());
  focusables(menu)[0]?.focus();
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
  const below = row ? entries.filter((entry) => !row.contains(entry)) : [];
  if (key === "ArrowDown" && below.length) below[0].focus();
  else if (key === "ArrowUp" && below.length) below.at(-1).focus();
  else if (NEXT.has(key)) entries[(at + 1) % entries.length].focus();
  else if (PREVIOUS.has(key)) entries.at(at - 1).focus();
  else if (key === "Home") entries[0].focus();
  else if (key === "End") entries.at(-1).focus();
  else return;
  event.preventDefault();
}

/** Left is onward where one reads from right to left. */
function inReadingOrder(key, menu) {
  const isRtl = getComputedStyle(menu).direction === "rtl";
  return (isRtl && { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key]) || key;
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
