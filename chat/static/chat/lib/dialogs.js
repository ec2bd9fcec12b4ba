/** Questions that are asked before something is done. */

import { button, element } from "lobby/lib/elements";

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
  const dialog = element("dialog", "ask");
  const heading = element("h2", "", title);
  heading.id = "ask-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  const form = element("form", "");
  form.method = "dialog";
  const buttons = element("div", "ask-buttons");
  const yes = element("button", isDanger ? "danger" : "", action);
  yes.value = "yes";
  buttons.append(
    button("quiet", cancel, () => dialog.close()),
    yes,
  );
  form.append(
    heading,
    ...(words ? [element("p", "", words)] : []),
    ...fields.map(fieldElement),
    buttons,
  );
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? valuesOf(form, fields) : null);
    });
  });
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
