/**
 * Keep the page as high as what the phone's keyboard leaves of the screen. Where the browser resizes
 * the page itself (`interactive-widget` in base.html) this changes nothing; Safari does not.
 * @param {HTMLElement} page
 */
export function fitAboveKeyboard(page) {
  const viewport = window.visualViewport;
  viewport?.addEventListener("resize", () => {
    const isZoomed = viewport.scale > 1;
    const isCovered = !isZoomed && viewport.height < window.innerHeight - 1;
    page.style.height = isCovered ? `${viewport.height}px` : "";
    if (isCovered) window.scrollTo(0, 0);
  });
}
