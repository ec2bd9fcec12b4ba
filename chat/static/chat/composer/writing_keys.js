/** Keys by which one writes wherever the focus is. */

/** What takes letters itself, or is in front of where one writes. */
const OTHER = "input, textarea, select, dialog, [popover], [contenteditable]";

/**
 * A letter that is typed anywhere in the page goes where one writes, and so does `/`. The space bar is left to buttons
 * and to what scrolls.
 * @param {HTMLTextAreaElement} input
 */
export function typeAnywhere(input) {
  document.addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    const isShortcut = (ctrlKey || metaKey || altKey) && !event.getModifierState("AltGraph");
    // An input method says "Process", and a key that waits for a letter to stand on "Dead".
    const writes = ([...key].length === 1 && key !== " ") || key === "Dead" || key === "Process";
    if (event.defaultPrevented || isShortcut || !writes || input.readOnly) return;
    if (!target.closest(OTHER)) input.focus();
  });
}
