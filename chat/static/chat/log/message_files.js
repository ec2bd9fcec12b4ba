/** The files of a message: pictures in boxes of their size, sound and video that play in place, links to the rest. */

import { button, element } from "../lib/elements.js";
import { fileIcon, giveSize, sizeWords, uploadView } from "../lib/file_view.js";
import { isPlainClick } from "../lib/input.js";

const VIDEO = { width: 360, height: 203 };

/**
 * @typedef {{id: string, name: string, type: string, size: number, kind: "image"|"audio"|"video"|"file",
 *   width?: number, height?: number, preview?: string, alt?: string}} MessageFile
 */

/** What a file is called where it is not shown. @param {{name: string, alt?: string}} file */
export function nameOf({ alt, name }) {
  return alt || name;
}

/**
 * @param {MessageFile[]} files
 * @param {(link: HTMLAnchorElement) => void} onView a picture is to be looked at
 */
export function messageFiles(files, onView) {
  const list = element("div", "files");
  list.dataset.files = JSON.stringify(files.map(({ id, alt }) => [id, alt]));
  for (const file of files) list.append(fileElement(file, files.length === 1, onView));
  return list;
}

function fileElement(file, isAlone, onView) {
  const { kind, name, id } = file;
  if (kind === "image") return picture(file, isAlone, onView);
  if (kind === "file") return link(file);
  const frame = element("figure", `player ${kind}`);
  const player = element(kind, "");
  player.controls = true;
  player.preload = "metadata";
  player.src = urlOf(id);
  player.setAttribute("aria-label", nameOf(file));
  if (kind === "video") {
    player.playsInline = true;
    giveSize(player, file.width ? file : VIDEO, true);
  }
  const caption = element("figcaption", "");
  caption.append(
    element("bdi", "file-name", name),
    element("span", "file-about", sizeWords(file.size)),
  );
  frame.append(player, caption);
  return frame;
}

function picture(file, isAlone, onView) {
  const { id, preview } = file;
  const frame = element("a", "picture");
  const image = element("img", "");
  frame.href = urlOf(id);
  frame.dataset.control = `file ${id}`;
  frame.setAttribute("aria-haspopup", "dialog");
  frame.title = nameOf(file);
  frame.addEventListener("click", (event) => {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    onView(frame);
  });
  image.alt = nameOf(file);
  image.loading = "lazy";
  image.decoding = "async";
  giveSize(image, file, isAlone);
  if (preview) image.style.backgroundImage = `url("${CSS.escape(preview)}")`;
  image.src = `${urlOf(id)}thumbnail/`;
  frame.append(image);
  return frame;
}

function link(file) {
  const made = element("a", "file-link");
  made.href = urlOf(file.id);
  made.download = file.name;
  made.dataset.control = `file ${file.id}`;
  const words = element("span", "upload-words");
  words.append(
    element("bdi", "file-name", file.name),
    element("span", "file-about", [file.alt, sizeWords(file.size)].filter(Boolean).join(" · ")),
  );
  made.append(fileIcon(file.kind), words);
  return made;
}

function urlOf(id) {
  return `/files/${encodeURIComponent(id)}/`;
}

/**
 * Files of a post that waits for them.
 * @param {import("../state/pendings.js").Pending} pending
 * @param {object} options
 * @param {Record<string, string>} options.strings
 * @param {import("../net/uploads.js").Uploads} options.uploads
 * @param {(clientId: string) => void} options.onCancel
 */
export function waitingFiles({ files, state, client_id }, { strings, uploads, onCancel }) {
  const list = element("div", "files");
  const isAlone = files.length === 1;
  list.append(...files.map((file) => uploadView(file, uploads, strings, isAlone)));
  if (state !== "waiting") return list;
  const cancel = button("quiet cancel", strings.cancel, () => onCancel(client_id));
  cancel.setAttribute("aria-label", strings.file_cancel_all);
  list.append(cancel);
  return list;
}
