/** Addresses of the web, as agents type them. */

/** What was typed as a web address, with or without its scheme; null for what is none. */
export function addressOf(typed: string): string | null {
  const text = typed.trim();
  if (/^https?:\/\/[^\s/]+/i.test(text)) return text;
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?([/?#]\S*)?$/i.test(text) ? `https://${text}` : null;
}
