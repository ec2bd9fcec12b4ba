/**
 * Colours code, away from the page's own thread. Runs as a worker; the address of highlight.js follows the `#` of its
 * own. Says `{}` when it is loaded. Takes `{id, code, language}` and gives `{id, html}`; null where the language is not known.
 */

importScripts(decodeURIComponent(self.location.hash.slice(1)));
self.hljs.configure({ classPrefix: "code-" });
self.postMessage({});

self.addEventListener("message", ({ data: { id, code, language } }) => {
  const isKnown = Boolean(self.hljs.getLanguage(language));
  const html = isKnown ? self.hljs.highlight(code, { language, ignoreIllegals: true }).value : null;
  self.postMessage({ id, html });
});
