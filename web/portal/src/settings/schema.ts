/** The JSON Schema of the settings, as far as forms use it. */

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export type FieldKind = "text" | "long" | "number" | "truth" | "choice" | "list" | "other";

export interface FormField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly help: string;
  readonly required: boolean;
  readonly choices: readonly string[];
}

/** What a form never shows: where secrets are kept, and passwords. */
const HIDDEN = /(_file|_env|^password_hash|^totp_secret)$/;

export function resolved(schema: Schema, root: Schema): Schema {
  let found = schema;
  for (let depth = 0; depth < 8; depth++) {
    const name = found.$ref?.split("/").at(-1);
    const only = found.anyOf?.filter((each) => each.type !== "null");
    if (name)
      found = { ...root.$defs?.[name], ...(found.description ? { description: found.description } : {}) };
    else if (only?.length === 1 && only[0])
      found = { ...only[0], ...(found.description ? { description: found.description } : {}) };
    else break;
  }
  return found;
}

/** The fields of one item of a section, the required ones first. */
export function fieldsOf(root: Schema, section: string): readonly FormField[] {
  const whole = resolved(root.properties?.[section] ?? {}, root);
  const named = Object.values(whole.patternProperties ?? {})[0] ?? whole.additionalProperties;
  const item = typeof named === "object" ? resolved(named, root) : {};
  const required = new Set(item.required ?? []);
  return Object.entries(item.properties ?? {})
    .filter(([name]) => !HIDDEN.test(name))
    .map(([name, schema]) => field(name, resolved(schema, root), root, required.has(name)))
    .toSorted((one, other) => Number(other.required) - Number(one.required));
}

function field(name: string, schema: Schema, root: Schema, required: boolean): FormField {
  const help = (schema.description ?? "").split("\n\n")[0] ?? "";
  const choices = (schema.enum ?? []).map(String);
  return { name, kind: kindOf(name, schema, root), help, required, choices };
}

function kindOf(name: string, schema: Schema, root: Schema): FieldKind {
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "truth";
  if (schema.type === "number" || schema.type === "integer") return "number";
  if (schema.type === "string") return name === "text" || name === "say" ? "long" : "text";
  const kinds = schema.anyOf?.map((each) => resolved(each, root).type) ?? [];
  if (kinds.length > 0 && kinds.every((kind) => kind === "string" || kind === "number" || kind === "integer"))
    return "text";
  if (schema.type === "array" && schema.items && resolved(schema.items, root).type === "string")
    return "list";
  return "other";
}
