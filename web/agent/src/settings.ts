/** What this browser remembers of its agent's wishes. Where it may not store, it remembers until the page goes. */

const KEYS = {
  volume: "ringback.volume",
  microphone: "ringback.microphone",
  agent: "ringback.agent",
} as const;

export type Setting = keyof typeof KEYS;

const now = new Map<Setting, string>();

export function remembered(name: Setting): string {
  try {
    return localStorage.getItem(KEYS[name]) ?? "";
  } catch {
    return now.get(name) ?? "";
  }
}

export function remember(name: Setting, value: string): void {
  now.set(name, value);
  try {
    localStorage.setItem(KEYS[name], value);
  } catch {
    // Full, or forbidden: it is a convenience.
  }
}
