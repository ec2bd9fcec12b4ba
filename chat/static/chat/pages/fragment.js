/**
 * The secret of a link stands after its `#`, which no server logs. This takes it out of the address bar
 * and hands it over in the page's form: `<form method="post" data-fragment-field="link">`.
 */

const form = document.querySelector("[data-fragment-field]");

function handOver() {
  const secret = location.hash.slice(1);
  if (!secret) return false;
  history.replaceState(null, "", location.pathname + location.search);
  form.elements[form.dataset.fragmentField].value = secret;
  form.submit();
  return true;
}

if (!handOver()) {
  for (const note of document.querySelectorAll("[data-fragment-missing]")) note.hidden = false;
}
// Another link pasted into the address bar of this page loads nothing anew.
window.addEventListener("hashchange", handOver);
