/** What is asked of the server about one file (docs/PROTOCOL.md, "Files"). */

/**
 * @typedef {{status: number, answer: any, retryAfter?: number}} Answer
 *   `status` 0: none came. `answer`: what the body says. `retryAfter`: in seconds, where the server names a time
 */

export const fileRequests = {
  /** Ask whether a file may come. @returns {Promise<Answer>} 201 with `{id, url, ticket, expires_in}` */
  promise: ({ room, name, size }, signal) =>
    send("POST", "/files/", {
      body: JSON.stringify({ room, name, size }),
      headers: { "Content-Type": "application/json" },
      signal,
    }),

  /** Send its bytes. @param {(share: number) => void} onProgress from 0 to 1 @returns {Promise<Answer>} 200 */
  put: ({ url, ticket }, blob, signal, onProgress) =>
    send("PUT", url, {
      body: blob,
      headers: { "Upload-Ticket": ticket, "Content-Type": "application/octet-stream" },
      signal,
      onProgress,
    }),

  /** Take back one that no message has. */
  remove: (key) => send("DELETE", `/files/${key}/`, {}),
};

/** With XMLHttpRequest: `fetch` does not tell how much of a body has gone. @returns {Promise<Answer>} */
function send(method, url, { body, headers = {}, signal, onProgress }) {
  const request = new XMLHttpRequest();
  request.open(method, url);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  if (onProgress)
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
  signal?.addEventListener("abort", () => request.abort());
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => resolve(answerOf(request)));
    request.send(body);
  });
}

function answerOf(request) {
  const seconds = Number(request.getResponseHeader("Retry-After") ?? Number.NaN);
  const retryAfter = Number.isNaN(seconds) ? undefined : seconds;
  let answer = {};
  try {
    answer = JSON.parse(request.responseText) ?? {};
  } catch {
    // A proxy between answers in its own words.
  }
  return { status: request.status, answer, retryAfter };
}
