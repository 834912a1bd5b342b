/**
 * What the loader uses of the browser, kept when it starts: some shops' code puts its own in place of these later.
 * For the same reason the loader walks arrays with `for` alone: Prototype.js, and others of its age, change what
 * their methods do.
 */

export const { fetch: doFetch, setTimeout: later, clearTimeout: never, getComputedStyle: styleOf } = window;
const { stringify, parse } = JSON;

/** JSON of a value; no `toJSON` is asked, which old libraries give to arrays and strings. */
export const toJson = (value: unknown): string =>
  stringify(value, function (this: Record<string, unknown>, key) {
    return this[key];
  });

/** What comes of this; undefined where the browser, or what it was given, does not let it. */
export function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}

/** What a JSON text says; undefined for what is none. Of nothing none is made: an error takes a millisecond. */
export const fromJson = (text: string): unknown => (text ? attempt(() => parse(text)) : undefined);

/** 128 random bits, as hexadecimal digits. */
export function randomId(): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += (byte + 256).toString(16).slice(1);
  return text;
}
