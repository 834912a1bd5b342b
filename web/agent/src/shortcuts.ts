/** Keys of buttons. They are access keys, so that a single letter alone never answers or ends a call. */

/** How one presses an access key here: "Alt+A". */
export function shortcutWords(key: string, agent: string = navigator.userAgent): string {
  const letter = key.toUpperCase();
  if (/Mac|iPhone|iPad/.test(agent)) return `⌃⌥${letter}`;
  return /Firefox/.test(agent) ? `Alt+Shift+${letter}` : `Alt+${letter}`;
}

/** Whether this device has keys to tell of. */
export const hasKeys = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;
