// A button that copies what its `data-copy` says, and says so itself for a moment.

const SAYS_SO_MS = 2_000;

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.textContent;
  button.textContent = button.dataset.done;
  button.disabled = true;
  setTimeout(() => {
    button.textContent = words;
    button.disabled = false;
  }, SAYS_SO_MS);
}

// Without a secure origin there is no clipboard to write to: the link beside the button can be selected.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
for (const input of document.querySelectorAll(".link input")) {
  input.addEventListener("focus", () => input.select());
}
