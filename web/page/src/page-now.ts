/** What the server is told of the page itself: nothing that somebody typed, and no more of its query than needed. */

import type { PageNow, PageSite } from "./messages";

export const language = (): string =>
  (document.documentElement.lang || navigator.language).replace(/[^A-Za-z0-9-]/g, "-").slice(0, 35);

/** By the screen, as windows come in all sizes. */
export const deviceKind = (): string =>
  !matchMedia("(pointer:coarse)").matches
    ? "desktop"
    : Math.min(screen.width, screen.height) < 600
      ? "phone"
      : "tablet";

/**
 * The page's address without its fragment, and of its query the campaign and what the site's rules read, as `site`
 * tells.
 */
export function urlNow(site?: PageSite): string {
  const left = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(location.search))
    if (/^utm_/.test(name) || site?.query.includes(name)) left.append(name, value);
  return (location.origin + location.pathname + "?" + left).replace(/\?$/, "").slice(0, 2_048);
}

export const pageNow = (site?: PageSite): PageNow => ({
  url: urlNow(site),
  title: document.title.slice(0, 200),
  // Of where the shopper came from, the origin alone.
  referrer: document.referrer.replace(/(\w\/).*/, "$1"),
});
