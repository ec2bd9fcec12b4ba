/** Times of the page in the reader's zone. A form that means days is told the zone. */

import { showOwnTimes } from "../lib/strings.js";

showOwnTimes(document);
for (const input of document.querySelectorAll("input[name=zone]")) {
  input.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  input.disabled = false;
}
