/** Records a voice note. Loaded when the first one is wanted. */

import { button, element } from "../lib/elements.js";

/** The first that a browser can make: what most others play stands first. */
const TYPES = ["audio/mp4;codecs=mp4a.40.2", "audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const BITS_PER_SECOND = 32_000;
/** About 7 MB. */
const LONGEST_MS = 30 * 60_000;
const TICK_MS = 250;

/**
 * @param {HTMLElement} root where the recording is shown while it lasts
 * @param {Record<string, string>} strings
 * @returns {Promise<File|null>} null: it is not wanted; rejected when there is no microphone
 */
export async function record(root, strings) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  try {
    return await recordFrom(stream, root, strings);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    root.hidden = true;
    root.replaceChildren();
  }
}

async function recordFrom(stream, root, strings) {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  let isWanted = true;
  const end = (wanted) => {
    isWanted = wanted;
    if (recorder.state !== "inactive") recorder.stop();
  };
  const timer = showTime(root, strings, end);
  await stopped;
  clearInterval(timer);
  return isWanted ? fileOf(parts, recorder.mimeType, strings) : null;
}

/** @param {(isWanted: boolean) => void} end */
function showTime(root, strings, end) {
  const beganAt = performance.now();
  const time = element("span", "recording-time", "0:00");
  time.setAttribute("role", "timer");
  const stop = button("", strings.voice_stop, () => end(true));
  const discard = button("quiet", strings.discard, () => end(false));
  root.replaceChildren(element("span", "", strings.voice_recording), time, discard, stop);
  root.onkeydown = ({ key }) => key === "Escape" && end(false);
  root.hidden = false;
  stop.focus();
  return setInterval(() => {
    const ms = performance.now() - beganAt;
    const seconds = String(Math.floor(ms / 1000) % 60).padStart(2, "0");
    time.textContent = `${Math.floor(ms / 60_000)}:${seconds}`;
    if (ms >= LONGEST_MS) end(true);
  }, TICK_MS);
}

function fileOf(parts, type, strings) {
  const [, ending] = /^audio\/(\w+)/.exec(type) ?? [];
  const moment = new Date().toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
  const name = `${strings.voice_note} ${moment}.${ending === "mp4" ? "m4a" : ending}`;
  return new File(parts, name, { type });
}
