/** Put a text into the clipboard. @returns {Promise<boolean>} whether that was possible */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text); // Over plain http there is no `navigator.clipboard`.
  }
}

function copyTheOldWay(text) {
  const { activeElement } = document;
  const box = document.createElement("textarea");
  box.className = "visually-hidden";
  box.value = text;
  document.body.append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  activeElement?.focus();
  return isCopied;
}
