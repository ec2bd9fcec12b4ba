/** Make elements, and put them in order. Text is always text: nothing here reads markup. */

/** @returns {HTMLElement} */
export function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** @returns {HTMLButtonElement} one that sends no form */
export function button(className, text, onClick) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/**
 * Make `wanted` the children of `parent`, in this order. What has the focus is not moved, for moving
 * takes the focus away: the others are put around it. Where it goes away itself, a neighbour gets it.
 * @param {Element} parent
 * @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  const { activeElement } = parent.ownerDocument;
  const before = [...parent.children];
  const focusedAt = before.findIndex((child) => child.contains(activeElement));
  const fixed = Math.max(0, wanted.indexOf(before[focusedAt]));
  for (const child of before) if (!kept.has(child)) child.remove();
  if (!wanted.length) return;
  if (!parent.contains(wanted[fixed])) parent.prepend(wanted[fixed]);
  for (let at = fixed + 1; at < wanted.length; at++) {
    if (wanted[at - 1].nextElementSibling !== wanted[at]) wanted[at - 1].after(wanted[at]);
  }
  for (let at = fixed - 1; at >= 0; at--) {
    if (wanted[at + 1].previousElementSibling !== wanted[at]) wanted[at + 1].before(wanted[at]);
  }
  if (focusedAt >= 0 && !kept.has(before[focusedAt])) focusNear(wanted, focusedAt);
}

function focusNear(elements, index) {
  elements[Math.min(index, elements.length - 1)].querySelector("a, button")?.focus();
}
