/** Written by `python -m api.reference` from api/portal/settings_models.py: edit there. */

/** The text of a file, as it was typed: kept whatever it says. */
export interface TextTyped {
  readonly text: string;
}

/** One edit. What each field means depends on `do`. */
export interface WishedEdit {
  readonly do: "set" | "add" | "remove" | "rename" | "move";
  /** The setting; of `add`, the section or list. */
  readonly at: readonly (string | number)[];
  /** Of `set` and `add`. */
  readonly value?: unknown;
  /** Of `add` and `rename`: the new name or index. */
  readonly key?: string | number | null;
  /** Of `add`: the entry before it; empty for none. */
  readonly after?: string | null;
  /** Of `move`: the entry behind it; null for none. */
  readonly before?: string | number | null;
  /** Of `remove`, of an item of a section: also of what names it. */
  readonly mentions?: boolean;
  /** What to do where several places use the setting by an anchor. */
  readonly shared?: "ask" | "all" | "here";
}

/** Edits, made one after the other or not at all. */
export interface WishedEdits {
  readonly edits: readonly WishedEdit[];
}

/** Which side holds for a setting that two people changed. */
export interface ConflictChoice {
  readonly file: string;
  readonly at: readonly (string | number)[];
  readonly take: "mine" | "theirs";
}

/** Choices, for as many conflicts as one likes. */
export interface ConflictChoices {
  readonly choices: readonly ConflictChoice[];
}

/** Put the draft into force. */
export interface WishedApply {
  readonly why?: string;
  /** Seconds since the epoch; null for now. */
  readonly publish_at?: number | null;
  /** Also where tests of the routes fail. */
  readonly despite_tests?: boolean;
}

/** Take a change back. */
export interface WishedUndo {
  readonly why?: string;
  readonly despite_tests?: boolean;
  /** Also where agents can log in again by that. */
  readonly agents_return?: boolean;
}

/** A click to try, with the draft and with what is in force. */
export interface WishedTrial {
  readonly site: string;
  readonly number?: string | null;
  readonly page?: string;
  /** In the site's zone, as 2026-12-24T15:00. */
  readonly at?: string;
}

/** A page to try the engagement rules with. */
export interface WishedPage {
  readonly site: string;
  readonly page?: string;
  /** In the site's zone, as 2026-12-24T15:00. */
  readonly at?: string;
  readonly language?: string;
  readonly device?: "phone" | "tablet" | "desktop";
  /** The visitor's id; empty: no consent. */
  readonly visitor?: string;
  /** Nobody has touched the page yet. */
  readonly untouched?: boolean;
  /** Such as {"cart.value": "120", "hours.shop": "false"}. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What a shopper types into a site's panel, or nothing: then what is suggested on the page. */
export interface WishedQuestion {
  readonly site: string;
  readonly question?: string;
  readonly page?: string;
  readonly language?: string;
}

/** A week of opening hours, to be written as text. */
export interface WishedHours {
  /** Minutes past midnight. */
  readonly days: readonly (readonly (readonly number[])[])[];
  /** Rules that a week cannot show. */
  readonly rest?: readonly string[];
}

/** A recording. */
export interface PromptUpload {
  /** 16 bit, mono, 8 or 16 kHz, in base64. */
  readonly wav: string;
}

/** A text to be spoken by the synthetic voice. */
export interface WishedSpeech {
  readonly text: string;
  /** As espeak-ng calls it. */
  readonly voice?: string;
}

/** A file beside the settings: a table of stores, or the answers of a site. */
export interface BesideView {
  readonly file: string;
  readonly section: "stores" | "answers";
  readonly item: string;
}

/** A draft, as its operator sees it. */
export interface DraftView {
  /** For `If-Match`; 0 where nothing is typed. */
  readonly revision: number;
  readonly saved_at: number | null;
  /** The files that it changes. */
  readonly files: readonly string[];
  /** Whether one of them was changed by somebody else since. */
  readonly behind: boolean;
}

/** The settings with the draft in them. */
export interface SettingsView {
  readonly main: string;
  readonly files: readonly string[];
  /** Those of the files that are no settings. */
  readonly beside: readonly BesideView[];
  /** The sections that this operator may change. */
  readonly may: readonly ("sites" | "engage" | "routes" | "hours" | "destinations" | "stores" | "agents" | "queues" | "mailboxes" | "callbacks" | "prompts" | "canned" | "flows" | "answers")[];
  /** Whether they may edit the files as text. */
  readonly may_text: boolean;
  readonly may_publish: boolean;
  /** All files as one tree; without passwords. */
  readonly tree: Readonly<Record<string, unknown>>;
  /** Why there is no tree: then the text is all there is. */
  readonly problem: string | null;
  readonly draft: DraftView;
}

/** The text of a file, with the draft in it. */
export interface TextView {
  readonly file: string;
  readonly text: string;
  readonly draft: DraftView;
}

/** A setting that two people changed; without `at` it is the whole file. */
export interface ConflictView {
  readonly file: string;
  readonly at: readonly (string | number)[];
  readonly base: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
}

/** A test of the routes that fails. */
export interface FailedTestView {
  readonly name: string;
  readonly failures: readonly string[];
}

/** Something that is wrong or doubtful, where it stands. */
export interface PlacedProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly text: string;
}

/** One thing that changes, in words. */
export interface SentenceView {
  readonly kind: "added" | "removed" | "renamed" | "changed";
  readonly at: readonly (string | number)[];
  readonly text: string;
}

/** What the draft would do to what is on disk now. */
export interface ReviewView {
  readonly draft: DraftView;
  readonly sentences: readonly SentenceView[];
  readonly diffs: Readonly<Record<string, string>>;
  readonly problems: readonly PlacedProblem[];
  readonly warnings: readonly PlacedProblem[];
  readonly conflicts: readonly ConflictView[];
  readonly tests: number;
  readonly failed: readonly FailedTestView[];
  /** Sections that it changes and this operator may not. */
  readonly missing: readonly string[];
}

/** A change. */
export interface ChangeView {
  readonly id: number;
  readonly at: number;
  /** An operator; empty for what was done on disk. */
  readonly by: string;
  readonly label: string;
  readonly via: string;
  readonly why: string;
  readonly sentences: readonly string[];
  readonly files: readonly string[];
  readonly undoes: number | null;
  readonly state: "applied" | "waiting" | "refused" | "cancelled";
  readonly publish_at: number | null;
  readonly problem: string;
}

/** Changes, the newest first. */
export interface ChangeList {
  readonly changes: readonly ChangeView[];
  /** Where the next page begins: its `before`. */
  readonly next: number | null;
}

/** A change with what it did to each file. */
export interface ChangeDetails {
  readonly change: ChangeView;
  readonly diffs: Readonly<Record<string, string>>;
}

/** Where settings name an item of a section. */
export interface MentionsView {
  /** Such as "routes.sales.steps[0].destinations[1]". */
  readonly mentions: readonly string[];
}

/** A line of an explanation. */
export interface TrialLine {
  readonly depth: number;
  readonly text: string;
  readonly tone: "head" | "yes" | "no" | "plain";
}

/** What becomes of a click with one version of the settings. */
export interface TriedVersion {
  readonly route: string;
  readonly rings: readonly string[];
  readonly ending: string;
  readonly queue: string | null;
  readonly lines: readonly TrialLine[];
}

/** What becomes of a click; null where the version has no such site. */
export interface TrialView {
  readonly now: TriedVersion | null;
  readonly draft: TriedVersion | null;
}

/** What a page shows with one version of the settings. */
export interface TriedPage {
  readonly shows: string;
  readonly buttons: readonly string[];
  readonly rules: readonly TriedRule[];
}

/** What one engagement rule came to. */
export interface TriedRule {
  readonly rule: string;
  readonly text: string;
  readonly shown: boolean;
  /** Whether it holds, and something keeps it back. */
  readonly held: boolean;
}

/** What the engagement rules do with a page; null where the version has no such site. */
export interface EngageTrialView {
  readonly now: TriedPage | null;
  readonly draft: TriedPage | null;
}

/** An answer that a shopper is shown. */
export interface AnswerTried {
  readonly name: string;
  readonly question: string;
  readonly answer: string;
}

/** What a site answers by itself; null where the version has no answers for it. */
export interface AnswersTrialView {
  readonly now: readonly AnswerTried[] | null;
  readonly draft: readonly AnswerTried[] | null;
}

/** A part of the week in which the same people ring. */
export interface WeekSpan {
  readonly begins: number;
  readonly ends: number;
  readonly rings: readonly string[];
  readonly ending: string;
}

/** Who answers when. */
export interface WeekView {
  readonly time_zone: string;
  readonly now: readonly WeekSpan[];
  readonly draft: readonly WeekSpan[];
}

/** A recorded click that would lead somewhere else. */
export interface DifferingView {
  readonly call: string;
  readonly at: number;
  readonly site: string;
  readonly page: string;
  readonly before: LedView | null;
  readonly after: LedView | null;
}

/** Where a click leads. */
export interface LedView {
  readonly route: string;
  readonly rings: readonly string[];
  readonly ending: string;
  readonly queue: string | null;
}

/** Recorded clicks with the draft. */
export interface ReplayView {
  readonly clicks: number;
  readonly differing: readonly DifferingView[];
}

/** Opening hours as a week; null where the text says more than a week. */
export interface HoursView {
  readonly days: readonly (readonly (readonly number[])[])[] | null;
  readonly rest: readonly string[];
}

/** Opening hours as text. */
export interface HoursText {
  readonly text: string;
}

/** A recording and its file, from the config file's folder. */
export interface PromptView {
  readonly file: string;
  readonly wav: string;
}

/** A recording that was kept, and the draft that names it now. */
export interface PromptKept {
  readonly file: string;
  readonly draft: DraftView;
}

/** What the synthetic voice said. */
export interface SpokenView {
  readonly wav: string;
}
