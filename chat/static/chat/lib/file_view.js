/** How files look before and after they are sent: sizes, boxes, and one that is on its way. */

import { element } from "./elements.js";
import { fill, pageLocale } from "./strings.js";

const KB = 1000;
/** A picture alone, and one of several. */
const ALONE = { width: 360, height: 320 };
const OF_SEVERAL = { width: 200, height: 160 };
/** Of a picture whose size is not known. */
const SOME_SIZE = { width: 200, height: 150 };
/** What browsers show. Others are sent, and downloaded. */
const PICTURES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** @typedef {import("../net/outbox.js").Chosen} Chosen */

/** @returns {"image"|"audio"|"video"|"file"} as far as a browser knows: the server looks into it */
export function kindOf({ type }) {
  if (PICTURES.has(type)) return "image";
  return /** @type {"audio"|"video"} */ (/^(?:audio|video)(?=\/)/.exec(type)?.[0] ?? "file");
}

/** "1.2 MB", in the page's language. @param {number} bytes */
export function sizeWords(bytes) {
  const isSmall = bytes < KB * KB;
  const format = new Intl.NumberFormat(pageLocale(), {
    style: "unit",
    unit: isSmall ? "kilobyte" : "megabyte",
    maximumFractionDigits: isSmall ? 0 : 1,
  });
  return format.format(isSmall ? Math.ceil(bytes / KB) : bytes / KB / KB);
}

/** Give a picture the size that it is shown at, before it is there. @param {HTMLElement} picture `img` or `video` */
export function giveSize(picture, { width, height }, isAlone) {
  const max = isAlone ? ALONE : OF_SEVERAL;
  const size = width && height ? { width, height } : SOME_SIZE;
  const scale = Math.min(1, max.width / size.width, max.height / size.height);
  picture.setAttribute("width", String(Math.max(1, Math.round(size.width * scale))));
  picture.setAttribute("height", String(Math.max(1, Math.round(size.height * scale))));
}

/**
 * A file that is not part of a message yet: what it is, and how far its upload has come. `followUploads` keeps it
 * up to date.
 * @param {Chosen} file
 * @param {import("../net/uploads.js").Uploads} uploads
 * @param {Record<string, string>} strings
 * @param {boolean} [isAlone] a picture is shown as large as it will be in the log, alone or among several
 */
export function uploadView(file, uploads, strings, isAlone) {
  const view = element("div", "upload");
  view.dataset.upload = file.id;
  view.dataset.size = sizeWords(file.size);
  const progress = element("progress", "");
  progress.setAttribute("aria-label", fill(strings.file_uploading, { name: file.name }));
  const words = element("span", "upload-words");
  words.append(element("bdi", "file-name", file.name), element("span", "file-about"));
  view.append(mark(file, uploads, isAlone), words, progress);
  show(view, uploads.get(file.id));
  return view;
}

/** Keep what `uploadView` has made up to date, wherever it stands in here. @param {HTMLElement} root */
export function followUploads(root, uploads) {
  uploads.subscribe((id) => {
    for (const view of root.querySelectorAll(`[data-upload="${CSS.escape(id)}"]`))
      show(view, uploads.get(id));
  });
}

/** @param {HTMLElement} view @param {import("../net/uploads.js").Upload} upload */
function show(view, { state, share, reason }) {
  const progress = view.querySelector("progress");
  const about = view.querySelector(".file-about");
  view.dataset.state = state;
  progress.hidden = state !== "sending";
  progress.value = share;
  about.textContent = reason ?? view.dataset.size;
}

/** The picture itself, or a sign for what it is. */
function mark(file, uploads, isAlone) {
  if (file.kind !== "image") return fileIcon(file.kind);
  const picture = element("img", "upload-picture");
  picture.alt = file.alt ?? "";
  if (isAlone !== undefined) giveSize(picture, file, isAlone);
  uploads.blobOf(file.id).then((blob) => {
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    picture.onload = picture.onerror = () => URL.revokeObjectURL(url);
    picture.src = url;
  });
  return picture;
}

export function fileIcon(kind) {
  const icon = element("span", `file-icon ${kind}`);
  icon.setAttribute("aria-hidden", "true");
  return icon;
}
