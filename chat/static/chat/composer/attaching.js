/** The ways by which files come to the next message: a button, the camera, a recording, the clipboard, a drop. */

import { hasTouchKeyboard } from "../lib/input.js";
import { openMenu } from "../lib/popups.js";
import { fillCount } from "../lib/strings.js";
import { mayUpload } from "../state/permissions.js";
import { Attachments, FILES_MAX } from "./attachments.js";

export class Attaching {
  /** @type {Attachments} */
  attachments;
  #page;
  #parts;
  #input;
  #chooser;
  #onDone;

  /**
   * @param {HTMLElement} page
   * @param {import("../pages/room.js").Parts} parts
   * @param {() => void} onDone one writes on
   */
  constructor(page, parts, onDone) {
    const form = page.querySelector("#composer");
    this.#page = page;
    this.#parts = parts;
    this.#input = form.querySelector("textarea");
    this.#chooser = form.querySelector("[type=file]");
    this.#onDone = onDone;
    this.attachments = new Attachments(form, { ...parts, onLeft: onDone });
    const attach = form.querySelector("#attach-button");
    attach.addEventListener("click", () => this.#offer(attach));
    const showButton = () => {
      attach.hidden = !this.#mayUpload;
    };
    parts.me.subscribe(showButton);
    parts.timeline.subscribe(({ room }) => room && showButton());
    showButton();
    this.#listen();
  }

  get #mayUpload() {
    const { timeline, me } = this.#parts;
    return mayUpload(this.#page.dataset.uploads, timeline.room, me.you);
  }

  /** @param {File[]} files */
  #add(files) {
    const { notices, strings } = this.#parts;
    if (this.#input.readOnly) return;
    if (!this.#mayUpload) return notices.refuse(strings.files_off);
    notices.clear();
    if (!this.attachments.add(files))
      notices.refuse(fillCount(strings, "files_too_many", FILES_MAX));
    this.#onDone();
  }

  /** A menu, where there is more to choose from than files. */
  #offer(button) {
    const { file_pick, file_camera, voice_record, file_attach } = this.#parts.strings;
    const pick = { label: file_pick, run: () => this.#pick({ multiple: true }) };
    const photo = { label: file_camera, run: () => this.#pick({ accept: "image/*" }) };
    const voice = { label: voice_record, run: () => this.#record() };
    const items = [pick, ...(hasTouchKeyboard() ? [photo] : []), ...(canRecord() ? [voice] : [])];
    if (items.length === 1) return pick.run();
    openMenu(button, { title: file_attach, groups: [items] });
  }

  /** One of pictures alone is the camera. */
  #pick({ multiple = false, accept = "" }) {
    Object.assign(this.#chooser, { multiple, accept });
    if (accept) this.#chooser.setAttribute("capture", "environment");
    else this.#chooser.removeAttribute("capture");
    this.#chooser.click();
  }

  async #record() {
    const { notices, strings } = this.#parts;
    try {
      const { record } = await import(this.#page.dataset.voice);
      const note = await record(this.#page.querySelector("#recording"), strings);
      if (note) this.#add([note]);
      else this.#onDone();
    } catch {
      notices.refuse(strings.voice_failed);
    }
  }

  #listen() {
    this.#chooser.addEventListener("change", () => {
      this.#add([...this.#chooser.files]);
      this.#chooser.value = ""; // The same file can be chosen again.
    });
    document.addEventListener("paste", (event) => this.#pasted(event));
    const page = this.#page;
    const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    const mark = (isOver) => page.classList.toggle("dropping", isOver && this.#mayUpload);
    page.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      mark(true);
    });
    page.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!relatedTarget) mark(false);
    });
    page.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      mark(false);
      this.#add(droppedIn(event.dataTransfer));
    });
  }

  /** What has words as well, from a word processor, is pasted as words. */
  #pasted(event) {
    const { target, clipboardData } = event;
    const files = [...clipboardData.files];
    const isElsewhere = target !== this.#input && target.closest("input, textarea, dialog");
    if (!files.length || isElsewhere || clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    this.#add(files);
  }
}

/** @returns {File[]} without folders, which cannot be read */
function droppedIn({ items }) {
  return [...items]
    .filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory)
    .map((item) => item.getAsFile());
}

/** Over plain http a browser gives no microphone. */
function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder);
}
