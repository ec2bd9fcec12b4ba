/** Make elements. Text is always text: nothing here reads markup. */

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
