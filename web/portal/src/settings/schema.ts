/** The JSON Schema of the settings, as far as forms use it: what kind of field a setting has. */

export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly default?: unknown;
  readonly $defs?: Readonly<Record<string, Schema>>;
  /** The sections of which a text names an item. */
  readonly "x-names"?: readonly string[];
}

/** `words`: a text, or one for each language. `names`: a list of names of items. `choices`: some of a few words.
 * `items`: a list of anything else. `named`: a mapping by names. `group`: settings below a setting. */
export type FieldKind =
  | "text"
  | "long"
  | "number"
  | "truth"
  | "choice"
  | "list"
  | "names"
  | "choices"
  | "words"
  | "items"
  | "named"
  | "group"
  | "other";

export interface FormField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly help: string;
  readonly required: boolean;
  readonly choices: readonly string[];
  /** The sections of which the text names an item. */
  readonly names: readonly string[];
  /** Of `items` and `named` what they hold; else the setting's own. */
  readonly schema: Schema;
  /** Of `named`: what a key must look like. */
  readonly keys: string;
}

/** What a form never shows: where secrets are kept, and passwords. */
const HIDDEN = /(_file|_env|^password_hash|^totp_secret)$/;
const LANGUAGES = "^[a-z]{2,3}$";
const LONG = new Set(["text", "say", "ask", "consent"]);

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

/** What the items of a section are. */
export function itemOf(root: Schema, section: string): Schema {
  const whole = resolved(root.properties?.[section] ?? {}, root);
  const named = Object.values(whole.patternProperties ?? {})[0] ?? whole.additionalProperties;
  return typeof named === "object" ? resolved(named, root) : {};
}

/** The fields of a group of settings, the required ones first. */
export function fieldsOf(group: Schema, root: Schema): readonly FormField[] {
  const required = new Set(group.required ?? []);
  return Object.entries(group.properties ?? {})
    .filter(([name]) => !HIDDEN.test(name))
    .map(([name, schema]) => fieldOf(name, schema, root, required.has(name)))
    .toSorted((one, other) => Number(other.required) - Number(one.required));
}

export function fieldOf(name: string, raw: Schema, root: Schema, required: boolean): FormField {
  const schema = resolved(raw, root);
  // Without the marks of Markdown.
  const help = (schema.description ?? "")
    .split("\n\n", 1)
    .join("")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll("`", "");
  const [keys = "", inside] = Object.entries(schema.patternProperties ?? {})[0] ?? [];
  const kind = kindOf(name, schema, root);
  const below = kind === "items" ? schema.items : kind === "named" ? inside : undefined;
  const few = kind === "choices" ? resolved(schema.items ?? {}, root) : schema;
  const named = kind === "names" ? resolved(schema.items ?? {}, root) : schema;
  return {
    name,
    kind,
    help,
    required,
    choices: (few.enum ?? []).map(String),
    names: named["x-names"] ?? [],
    schema: below ? resolved(below, root) : schema,
    keys,
  };
}

function kindOf(name: string, schema: Schema, root: Schema): FieldKind {
  const type = typeOf(schema);
  if (schema.enum) return "choice";
  if (type === "boolean") return "truth";
  if (type === "number" || type === "integer") return "number";
  if (type === "string") return LONG.has(name) && !schema["x-names"] ? "long" : "text";
  if (type === "array") return kindOfList(resolved(schema.items ?? {}, root));
  if (schema.properties) return "group";
  if (LANGUAGES in (schema.patternProperties ?? {})) return "words";
  if (schema.patternProperties) return "named";
  const each = (schema.anyOf ?? []).map((one) => resolved(one, root));
  if (each.some((one) => LANGUAGES in (one.patternProperties ?? {}))) return "words";
  const types = each.map(typeOf);
  const plain = types.every((one) => one === "string" || one === "number" || one === "integer");
  return types.length > 0 && plain ? "text" : "other";
}

function kindOfList(item: Schema): FieldKind {
  if (item.enum) return "choices";
  if (item["x-names"]) return "names";
  const type = typeOf(item);
  return type === "string" || type === "integer" || type === "number" ? "list" : "items";
}

const typeOf = (schema: Schema): string | undefined =>
  typeof schema.type === "string" ? schema.type : schema.type?.find((each) => each !== "null");

/** What something new begins as: with what it cannot do without, empty. */
export function blank(field: FormField, root: Schema): unknown {
  switch (field.kind) {
    case "group":
      return Object.fromEntries(
        fieldsOf(field.schema, root)
          .filter(({ required }) => required)
          .map((each) => [each.name, blank(each, root)]),
      );
    case "list":
    case "names":
    case "choices":
    case "items":
      return [];
    case "named":
      return {};
    case "truth":
      return false;
    case "number":
      return 0;
    case "choice":
      return field.choices[0] ?? "";
    default:
      return "";
  }
}

/** A field of what a list or a mapping holds. */
export const below = (field: FormField, name: string, root: Schema): FormField =>
  fieldOf(name, field.schema, root, true);
