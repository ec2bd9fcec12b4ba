/** A page with links to copy. */

import { joinCopyButtons } from "../lib/copy_button.js";

joinCopyButtons(document);
