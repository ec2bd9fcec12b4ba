/** The files that go with the next message: chosen, uploaded at once, and described above the text. */

import { button, element } from "../lib/elements.js";
import { newUuid } from "../lib/environment.js";
import { kindOf, uploadView } from "../lib/file_view.js";
import { isComposing } from "../lib/input.js";
import { fill } from "../lib/strings.js";

/** The server takes no more with a message. */
export const FILES_MAX = 10;
const ALT_MAX = 500;

/** @typedef {import("../net/outbox.js").Chosen} Chosen */

export class Attachments {
  #list;
  #told;
  #room;
  #strings;
  #uploads;
  #draft;
  #onLeft;
  /** @type {Chosen[]} */
  #files = [];

  /**
   * @param {HTMLElement} form
   * @param {object} options
   * @param {string} options.room
   * @param {Record<string, string>} options.strings
   * @param {import("../net/uploads.js").Uploads} options.uploads
   * @param {import("./draft.js").Draft} options.draft what is chosen belongs to it
   * @param {() => void} options.onLeft the one that had the focus went away
   */
  constructor(form, { room, strings, uploads, draft, onLeft }) {
    this.#list = form.querySelector("#attachments");
    this.#told = form.querySelector(".attachments-told");
    this.#room = room;
    this.#strings = strings;
    this.#uploads = uploads;
    this.#draft = draft;
    this.#onLeft = onLeft;
    uploads.subscribe((id) => this.#changed(id));
    this.adopt(draft.files);
  }

  get isEmpty() {
    return this.#files.length === 0;
  }

  /** The message cannot go with one that has failed. */
  get hasFailed() {
    return this.#files.some(({ id }) => this.#uploads.hasFailed(id));
  }

  /**
   * Upload these for the next message.
   * @param {File[]} chosen
   * @returns {boolean} false: a message does not take so many, and the last ones are left out
   */
  add(chosen) {
    const taken = chosen.slice(0, FILES_MAX - this.#files.length);
    for (const file of taken) this.#add(file);
    return taken.length === chosen.length;
  }

  /** Files that were chosen before, here or on an earlier page. @param {Chosen[]} files */
  adopt(files) {
    this.#files.push(...files);
    this.#uploads.begin(files.map(({ id }) => id));
    this.#list.append(...files.map((file) => this.#item(file)));
    this.#keep();
  }

  /** They are for the message that is sent now. @returns {Chosen[]} */
  take() {
    const files = this.#files;
    this.#files = [];
    this.#list.replaceChildren();
    this.#keep();
    return files;
  }

  async #add(blob) {
    const { name, size, type } = blob;
    const file = { id: newUuid(), name, size, type, kind: kindOf(blob), alt: "" };
    this.#files.push(file);
    const isKept = this.#uploads.add(file, blob, this.#room);
    this.#list.append(this.#item(file));
    this.#list.lastElementChild.scrollIntoView({ block: "nearest" });
    this.#keep();
    await isKept;
    if (file.kind === "image") Object.assign(file, await sizeOf(blob));
    this.#keep();
  }

  #item(file) {
    const item = element("li", "attachment");
    item.dataset.file = file.id;
    item.append(uploadView(file, this.#uploads, this.#strings));
    if (file.kind === "image") item.append(this.#description(file));
    if (file.kind === "audio" || file.kind === "video")
      item.append(element("p", "attachment-note", this.#strings.file_keeps_metadata));
    const { try_again, file_remove } = this.#strings;
    const retry = button("quiet retry", try_again, () => this.#uploads.begin([file.id]));
    const remove = button("quiet remove", "×", () => this.#remove(file, item));
    remove.title = fill(file_remove, { name: file.name });
    remove.setAttribute("aria-label", remove.title);
    retry.setAttribute("aria-label", `${try_again}: ${file.name}`);
    retry.hidden = !this.#uploads.hasFailed(file.id);
    item.append(retry, remove);
    return item;
  }

  #description(file) {
    const input = element("input", "description");
    input.type = "text";
    input.dir = "auto";
    input.autocomplete = "off";
    input.maxLength = ALT_MAX;
    input.value = file.alt ?? "";
    input.placeholder = this.#strings.file_describe;
    input.setAttribute("aria-label", fill(this.#strings.file_describe_name, { name: file.name }));
    input.addEventListener("input", () => {
      file.alt = input.value;
      this.#keep();
    });
    // Enter goes on to the text, and does not send the message.
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || isComposing(event)) return;
      event.preventDefault();
      this.#onLeft();
    });
    return input;
  }

  #remove(file, item) {
    const at = this.#files.indexOf(file);
    this.#files.splice(at, 1);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#uploads.drop([file.id]);
    this.#keep();
    if (next) next.querySelector(".remove").focus();
    else this.#onLeft();
  }

  /** What has become of one is read out, and once. */
  #changed(id) {
    const file = this.#files.find((one) => one.id === id);
    if (!file) return;
    const { state, reason } = this.#uploads.get(id);
    const item = this.#list.querySelector(`[data-file="${id}"]`);
    if (item) item.querySelector(".retry").hidden = state !== "failed";
    const { file_uploaded, file_not_uploaded } = this.#strings;
    if (state === "stored") this.#told.textContent = fill(file_uploaded, { name: file.name });
    if (this.#uploads.hasFailed(id))
      this.#told.textContent = fill(file_not_uploaded, { name: file.name, reason });
  }

  #keep() {
    this.#list.hidden = this.isEmpty;
    this.#draft.files = this.#files.map((file) => ({ ...file }));
  }
}

/** As it is shown, turned as its camera was. @returns {Promise<{width?: number, height?: number}>} */
async function sizeOf(blob) {
  const url = URL.createObjectURL(blob);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return {}; // It is no picture: the server will say so.
  } finally {
    URL.revokeObjectURL(url);
  }
}
