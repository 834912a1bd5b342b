/** The settings with an operator's draft: what the server keeps, and the requests that change it. */

import { ApiProblem, type PortalApi, problemWords } from "../portal-api";
import type { ReviewView, SettingsView, TextView, WishedEdit } from "./messages";

export type Loc = readonly (string | number)[];
export type Tree = Readonly<Record<string, unknown>>;

/** A text is checked and kept this long after the last key. */
const CHECK = 30_000;

/** Several places use a setting by a YAML anchor: which of them are to change? */
export interface SharedQuestion {
  readonly edits: readonly WishedEdit[];
  readonly users: readonly string[];
}

export class SettingsModel extends EventTarget {
  view: SettingsView | null = null;
  problem = "";
  shared: SharedQuestion | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  /** The review that goes on, and the next one, which has not begun. */
  private reviewed: Promise<unknown> = Promise.resolve();
  private nextReview: Promise<ReviewView> | null = null;

  constructor(private readonly api: PortalApi) {
    super();
  }

  /** The settings of a section by their names, in their order. */
  items(section: string): Readonly<Record<string, Tree>> {
    const found = this.view?.tree[section];
    return isTree(found) ? (found as Readonly<Record<string, Tree>>) : {};
  }

  at(loc: Loc): unknown {
    let found: unknown = this.view?.tree;
    for (const step of loc)
      found = typeof found === "object" && found !== null ? (found as Tree)[String(step)] : undefined;
    return found;
  }

  may(section: string): boolean {
    return this.view?.may.some((each) => each === section) ?? false;
  }

  load(): Promise<void> {
    return this.ask(async () => {
      this.view = await this.api.get<SettingsView>("settings");
    });
  }

  /** Make edits, all or none; whether they were made. */
  async edit(edits: readonly WishedEdit[]): Promise<boolean> {
    let made = false;
    await this.ask(async () => {
      try {
        this.view = await this.api.change<SettingsView>("POST", "settings/edits", { edits }, this.match);
        this.shared = null;
        made = true;
      } catch (error) {
        if (error instanceof ApiProblem && error.id === "edit_shared") {
          this.shared = { edits, users: fieldErrors(error).map(({ path }) => path) };
          return;
        }
        if (error instanceof ApiProblem && error.id === "draft_stale") {
          this.view = await this.api.get<SettingsView>("settings");
        }
        throw error;
      }
    });
    return made;
  }

  /** Answer the question about an anchor. */
  async answer(shared: "all" | "here" | null): Promise<void> {
    const question = this.shared;
    this.shared = null;
    if (question && shared) await this.edit(question.edits.map((edit) => ({ ...edit, shared })));
    else this.tell();
  }

  async text(file: string): Promise<TextView> {
    return this.api.get<TextView>("settings/text", { file });
  }

  /** Keep what was typed; whether the server has it. */
  async type(file: string, text: string): Promise<boolean> {
    let kept = false;
    await this.ask(async () => {
      const path = `settings/text?${new URLSearchParams({ file })}`;
      const draft = await this.api.change<SettingsView["draft"]>("PUT", path, { text }, this.match);
      if (this.view) this.view = { ...this.view, draft };
      kept = true;
    });
    return kept;
  }

  /** Of all that was typed before: one after the other, so that no older answer comes after a newer one. */
  review(): Promise<ReviewView> {
    if (this.nextReview) return this.nextReview;
    const next = this.reviewed.then(async () => {
      for (let kept: unknown = null; kept !== this.queue;) {
        kept = this.queue;
        await kept;
      }
      this.nextReview = null;
      return this.api.get<ReviewView>("settings/review", {}, CHECK);
    });
    this.nextReview = next;
    this.reviewed = next.catch(() => undefined);
    return next;
  }

  async drop(): Promise<void> {
    await this.ask(async () => {
      await this.api.change("DELETE", "settings/draft");
      this.view = await this.api.get<SettingsView>("settings");
    });
  }

  get match(): Readonly<Record<string, string>> {
    return { "If-Match": `"${this.view?.draft.revision ?? 0}"` };
  }

  /** One request after the other, so that each has the newest revision. */
  private ask(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(async () => {
      try {
        await work();
        this.problem = "";
      } catch (error) {
        this.problem = editWords(error);
      }
      this.tell();
    });
    this.queue = done;
    return done;
  }

  private tell(): void {
    this.dispatchEvent(new Event("change"));
  }
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** What the server says of single settings. */
export function fieldErrors(error: ApiProblem): readonly FieldProblem[] {
  const errors = error.details["errors"];
  return Array.isArray(errors) ? (errors as FieldProblem[]) : [];
}

/** What went wrong, with the settings that it is about. */
export function editWords(error: unknown): string {
  const told = problemWords(error);
  const fields = error instanceof ApiProblem ? fieldErrors(error) : [];
  const words = fields.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  return [told, ...words].join(" ");
}
