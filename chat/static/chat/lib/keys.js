/** The keyCode of a key that an input method took; Safari sends it after the composition has ended. */
const TAKEN_BY_INPUT_METHOD = 229;

/** An input method is composing (Japanese, Chinese, Korean …): Enter chooses a candidate. */
export function isComposing(event) {
  return event.isComposing || event.keyCode === TAKEN_BY_INPUT_METHOD;
}

/** Enter by itself. With Shift it is a new line. */
export function isPlainEnter(event) {
  return event.key === "Enter" && !event.shiftKey && !event.altKey && !isComposing(event);
}
