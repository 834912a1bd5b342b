/** Keeps the panel in what is seen of the page: above a software keyboard, and inside a pinch zoom. */

/** Sets `--ringback-height` on an element, and moves it; returns how to stop. */
export function followViewport(
  element: HTMLElement,
  seen: VisualViewport | null = window.visualViewport,
): () => void {
  if (!seen) return () => {};
  const follow = (): void => {
    const hidden = Math.max(0, window.innerHeight - seen.height - seen.offsetTop);
    // A pinch zoom is no keyboard: then everything grows with the page.
    const keyboard = seen.scale > 1.01 ? 0 : hidden;
    element.style.setProperty("--ringback-height", seen.scale > 1.01 ? "100dvh" : `${seen.height}px`);
    element.style.translate = keyboard > 0 ? `0 ${-keyboard}px` : "none";
  };
  seen.addEventListener("resize", follow);
  seen.addEventListener("scroll", follow);
  follow();
  return () => {
    seen.removeEventListener("resize", follow);
    seen.removeEventListener("scroll", follow);
  };
}
