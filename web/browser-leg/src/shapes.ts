/**
 * Reads what the server says, of this version or a newer one. The rule is the same for all pages (docs/api.md,
 * "A newer server"): a field that is not known is left out, a word that is not known is read as "unknown", and what
 * lacks a field or has one of another kind is not read at all.
 */

/** What a value is read as; undefined: it is not such a value. */
export type Shape<T> = (value: unknown) => T | undefined;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const text: Shape<string> = (value) => (typeof value === "string" ? value : undefined);

export const number: Shape<number> = (value) =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

export const truth: Shape<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

/** This very word. */
export const is =
  <T extends string>(word: T): Shape<T> =>
  (value) =>
    value === word ? word : undefined;

/** One of these words; "unknown" for any other. */
export const word =
  <T extends string>(...known: readonly T[]): Shape<T | "unknown"> =>
  (value) =>
    typeof value === "string" ? (known.find((each) => each === value) ?? "unknown") : undefined;

export const orNull =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value) =>
    value === null ? null : shape(value);

/** What is not there at all is this: an older server does not tell it yet. */
export const otherwise =
  <T>(shape: Shape<T>, fallback: T): Shape<T> =>
  (value) =>
    value === undefined ? fallback : shape(value);

/** Every item that can be read. */
export const list =
  <T>(shape: Shape<T>): Shape<readonly T[]> =>
  (value) =>
    Array.isArray(value) ? value.map(shape).filter((item) => item !== undefined) : undefined;

/** Values by name, those that can be read. */
export const mapping =
  <T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (value) => {
    if (!isRecord(value)) return undefined;
    const read = Object.entries(value).map(([key, item]) => [key, shape(item)] as const);
    return Object.fromEntries(read.filter((entry): entry is [string, T & {}] => entry[1] !== undefined));
  };

/** A record of these fields. */
export const fields =
  <T extends object>(shapes: { readonly [Key in keyof T]-?: Shape<T[Key]> }): Shape<T> =>
  (value) => {
    if (!isRecord(value)) return undefined;
    const read: Partial<T> = {};
    for (const name of Object.keys(shapes) as (keyof T & string)[]) {
      const field = shapes[name](value[name]);
      if (field === undefined) return undefined;
      read[name] = field;
    }
    return read as T;
  };

/** A JSON text; undefined for what is none. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

type Read<Shapes> = { [Type in keyof Shapes]: Shapes[Type] extends Shape<infer T> ? T : never }[keyof Shapes];

/** A message from JSON, or from what was parsed of it, by the shapes of its type; null for anything else. */
export function readMessage<Shapes extends Readonly<Record<string, Shape<object>>>>(
  shapes: Shapes,
  source: unknown,
): Read<Shapes> | null {
  const value = typeof source === "string" ? parseJson(source) : source;
  if (!isRecord(value) || typeof value["type"] !== "string" || !Object.hasOwn(shapes, value["type"]))
    return null;
  return (shapes[value["type"]]?.(value) ?? null) as Read<Shapes> | null;
}
