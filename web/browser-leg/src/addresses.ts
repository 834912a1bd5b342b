/** Addresses of the web, as servers tell them. */

/** The address as one that a page may open; null for anything else, such as `javascript:`. */
export function webAddress(text: string): URL | null {
  try {
    const address = new URL(text);
    return address.protocol === "https:" || address.protocol === "http:" ? address : null;
  } catch {
    return null;
  }
}

/** A text in parts: what is an address of the web with https stands alone. */
export function linked(text: string): readonly { readonly text: string; readonly href: string | null }[] {
  const parts: { text: string; href: string | null }[] = [];
  let at = 0;
  for (const found of text.matchAll(/https:\/\/[^\s<>"'\u2028\u2029]{1,2000}/g)) {
    const shown = found[0].replace(/[.,;:!?)\]]+$/, "");
    const href = secureAddress(shown);
    if (href === null) continue;
    if (found.index > at) parts.push({ text: text.slice(at, found.index), href: null });
    parts.push({ text: shown, href });
    at = found.index + shown.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), href: null });
  return parts;
}

function secureAddress(text: string): string | null {
  try {
    const url = new URL(text);
    // A name before an @ makes an address look like another one's.
    return url.protocol === "https:" && url.username === "" && url.hostname.includes(".") ? url.href : null;
  } catch {
    return null;
  }
}
