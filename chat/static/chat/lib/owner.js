/** Whose page it is. */

const KEY = "lobby:owner";

/**
 * Note who this page was made for. When it comes back by the Back button, and a page was made for somebody else
 * since then, it is loaded anew: after a log-out it does not show what the account could read.
 * @param {Storage|null} storage
 * @param {string} id
 */
export function keepForOwner(storage, id) {
  const reloadForOther = () => {
    if (storage.getItem(KEY) === id) return;
    document.documentElement.hidden = true;
    location.reload();
  };
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) reloadForOther();
  });
  const [navigation] = performance.getEntriesByType("navigation");
  try {
    if (navigation?.type === "back_forward") reloadForOther();
    storage.setItem(KEY, id);
  } catch {
    // Nothing can be kept: the server empties the cache at a log-out.
  }
}
