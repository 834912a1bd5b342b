/** Reads values of which nobody promised anything: JSON from the server, what a storage kept. */

export type Fields = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
export const numberOrNull = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** One of these words, or the first of them. */
export const oneOf = <T extends string>(words: readonly [T, ...T[]], value: unknown): T =>
  words.find((word) => word === value) ?? words[0];

/** What `read` makes of each item; what it makes nothing of is left out. */
export const list = <T>(value: unknown, read: (item: Fields) => T | null): readonly T[] =>
  Array.isArray(value)
    ? value.filter(isRecord).flatMap((item) => {
        const made = read(item);
        return made === null ? [] : [made];
      })
    : [];
