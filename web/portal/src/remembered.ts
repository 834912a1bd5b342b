/** What this browser remembers of an operator's choices. Where it may not store, nothing. */

const PREFIX = "ringback.portal.";

export function remembered(name: string): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return "";
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Full, or forbidden: it is a convenience.
  }
}
