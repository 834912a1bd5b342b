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
