/** What fields show of settings, and what is made of what somebody typed. Pure. */

import type { FormField } from "./schema";
import type { Loc } from "./settings-model";

/** A problem of the draft at a setting. */
export interface FormProblem {
  readonly path: string;
  readonly text: string;
}

/** What fields are told beside their values. */
export interface FormAround {
  readonly problems: readonly FormProblem[];
  readonly locked: (loc: Loc) => boolean;
  /** The names of the items of these sections, as settings write them. */
  readonly names: (sections: readonly string[]) => readonly string[];
}

/** `routes.sales.steps[0].timeout`, as the server writes it. */
export function writeLoc(loc: Loc): string {
  let text = "";
  for (const step of loc) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z0-9_-]+$/.test(step)) text += text ? `.${step}` : step;
    else text += `['${step}']`;
  }
  return text;
}

/** The problems of a setting and of what is below it. */
export function problemsAt(problems: readonly FormProblem[], loc: Loc): readonly FormProblem[] {
  const path = writeLoc(loc);
  return problems.filter(
    (each) =>
      each.path === path || (/^[.[]/.test(each.path.slice(path.length)) && each.path.startsWith(path)),
  );
}

export const scalarText = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

export const shownText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(", ") : scalarText(value);

/** What somebody typed, as the setting takes it. */
export function valueOf(field: FormField, typed: string): unknown {
  const one = (text: string): unknown =>
    /^-?\d+(\.\d+)?$/.test(text) && field.kind !== "text" && field.kind !== "long" ? Number(text) : text;
  if (field.kind === "number") return one(typed.trim());
  if (field.kind === "list")
    return typed
      .split(",")
      .map((part) => one(part.trim()))
      .filter((part) => part !== "");
  return field.kind === "long" ? typed.replaceAll(/\s*\n\s*/g, " ").trim() : typed.trim();
}

/** What an entry of a list is called while it is closed: its first texts. */
export function summaryOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return scalarText(value);
  const texts = Object.values(value).flatMap((each: unknown) =>
    typeof each === "object" && each !== null ? Object.values(each).map(scalarText) : [scalarText(each)],
  );
  const told = texts
    .filter((text) => text !== "")
    .slice(0, 3)
    .join(" · ");
  return told.length > 70 ? `${told.slice(0, 67)}…` : told;
}
