/** All that the panel says, as one table a language. English is part of the panel, the others are files of their own. */

import type { Disposition, HangupCause, LegProblemKind } from "@ringback/browser-leg";
import type { CallbackView } from "@ringback/call-client";
import { en } from "./languages/en";

/** A way to talk, as it is called on a computer and on a phone or tablet. */
export interface OnDevice<Text = string> {
  readonly computer: Text;
  readonly handheld: Text;
}

/** What is wrong, and what to do about it. */
export type Trouble = readonly [words: string, remedy: string];

export interface Words {
  /** BCP 47. */
  readonly language: string;

  // The panel and its form.
  readonly close: string;
  readonly talk: { readonly phone: OnDevice; readonly pc: OnDevice };
  readonly ways: { readonly phone: OnDevice; readonly pc: OnDevice };
  readonly chat: { readonly title: string; readonly way: string; readonly back: string };
  readonly chatLost: string;
  /** Of a chat that goes on behind a closed panel. */
  unread(count: number): string;
  readonly how: string;
  readonly lead: { readonly phone: string; readonly pc: OnDevice };
  readonly country: string;
  readonly number: string;
  readonly optional: string;
  readonly numberWhy: string;
  readonly numberMissing: string;
  readonly numberPart: string;
  readonly willCall: string;
  readonly yourNumber: string;
  readonly callMe: string;
  readonly callNow: string;
  readonly callBack: string;
  readonly leaveMessage: string;
  /** In place of a call, which may leave a spoken message. */
  readonly write: string;
  readonly checkMicrophone: string;
  readonly moment: string;
  readonly again: string;
  readonly share: string;
  readonly byPhone: string;
  readonly nothing: string;

  // Nobody is free: what the panel says before the form.
  readonly later: {
    /** `when` is in the words of the server, such as "on Monday at 9:00 a.m.", or empty. */
    callback(when: string): string;
    message(when: string): string;
    nothing(when: string): string;
  };
  /** Why an invitation that was accepted is not true any more. */
  readonly untrue: Readonly<Record<"agents" | "hours" | "queue" | "gone", string>>;

  // Before a call by PC.
  readonly check: {
    readonly title: string;
    readonly intro: string;
    readonly asking: string;
    readonly level: string;
    readonly waiting: string;
    readonly speech: string;
    readonly silence: string;
    readonly play: string;
    readonly untested: string;
    readonly playing: string;
    readonly played: string;
  };
  readonly microphone: {
    readonly label: string;
    readonly none: string;
    readonly choose: string;
    readonly another: string;
    /** `name` is shown after these words. */
    readonly switched: string;
  };
  readonly soundOn: string;
  readonly tryAgain: string;
  readonly tryingAgain: string;
  readonly troubles: Readonly<Record<LegProblemKind, Trouble>>;

  // A call that goes on.
  readonly you: string;
  readonly ends: Readonly<
    Record<
      | "ringing"
      | "connecting"
      | "there"
      | "over"
      | "busy"
      | "message"
      | "callback"
      | "cannot"
      | "has_message",
      string
    >
  >;
  talkTime(clock: string): string;
  sinceClick(clock: string): string;
  readonly soFar: string;
  readonly hangUp: string;
  readonly hangingUp: string;
  readonly elsewhere: string;
  readonly lost: string;
  readonly controls: string;
  readonly mute: string;
  readonly muted: string;
  readonly keypad: string;
  readonly keys: {
    readonly label: string;
    readonly hint: string;
    readonly star: string;
    readonly hash: string;
  };
  readonly volume: string;
  readonly quality: Readonly<Record<"good" | "fair" | "poor" | "unknown" | "cut", string>>;
  readonly cancelCallback: string;
  readonly cancelling: string;
  /** Around a link. */
  readonly keepLink: readonly [before: string, link: string, after: string];

  // A page that an agent shows.
  readonly push: {
    asks(who: string): string;
    readonly goesOn: string;
    readonly open: string;
    readonly stay: string;
    readonly shown: string;
    readonly region: string;
    readonly back: string;
    readonly here: string;
  };

  // Where a call stands.
  readonly store: string;
  /** A name as the object of a sentence: "Boston store" is "the Boston store" in English. */
  named(label: string): string;
  readonly getting: string;
  readonly rejoining: string;
  readonly connectingMicrophone: string;
  readonly phoneRings: string;
  readonly calling: string;
  readonly onTheLine: { readonly phone: string; readonly pc: string };
  readonly greeting: string;
  readonly finding: string;
  ringing(who: string): string;
  trying(who: string): string;
  tryingOf(who: string, attempt: number, attempts: number): string;
  readonly inLine: string;
  readonly next: string;
  place(position: number): string;
  /** Whole minutes; 0 is less than one. */
  wait(minutes: number): string;
  readonly message: string;
  readonly findingTime: string;
  readonly willCallBack: string;
  /** `when` comes from `times`. */
  willCallBackAt(when: string): string;
  readonly apology: string;
  connected(who: string): string;
  held(who: string): string;
  ended(why: string): string;
  overWith(who: string): string;
  readonly messageTaken: string;
  readonly endings: Readonly<Record<Disposition, string>>;
  /** More exact than the disposition alone, where the cause says something that a shopper can use. */
  readonly causes: Readonly<Partial<Record<Disposition, Readonly<Partial<Record<HangupCause, string>>>>>>;
  /** What a shopper by PC must hear in other words: no phone of theirs ever rang. */
  readonly unreachableByPc: Readonly<Partial<Record<HangupCause, string>>>;
  readonly notConnected: string;
  readonly callbacks: Readonly<Record<Exclude<CallbackView["state"], "booked">, string>>;
  /** By the server's id of a problem. */
  readonly problems: Readonly<Record<string, string>>;
  readonly problem: string;

  readonly times: {
    readonly soon: string;
    minutes(minutes: number): string;
    /** `day` is the language's own word for today or tomorrow. */
    near(day: string, clock: string): string;
    on(day: string, clock: string): string;
  };
}

/** Those that are not part of the panel itself. */
const OTHERS: Readonly<Record<string, () => Promise<Words>>> = {
  de: async () => (await import("./languages/de")).de,
  es: async () => (await import("./languages/es")).es,
  fr: async () => (await import("./languages/fr")).fr,
};

export const LANGUAGES: readonly string[] = ["en", ...Object.keys(OTHERS)];

/** The language of a tag: `de` of `de-AT`. */
const primary = (tag: string): string => tag.toLowerCase().split("-")[0] ?? "";

/** The language that the panel speaks: the first wish that the site has; else the site's first one. */
export function chooseLanguage(sites: readonly string[], wishes: readonly string[]): string {
  const had = sites.map(primary).filter((each) => LANGUAGES.includes(each));
  const offered = had.length > 0 ? had : LANGUAGES;
  return wishes.map(primary).find((wish) => offered.includes(wish)) ?? offered[0] ?? "en";
}

/** The words of a language; English where its file does not come. */
export async function fetchWords(language: string): Promise<Words> {
  try {
    return (await OTHERS[language]?.()) ?? en;
  } catch {
    return en;
  }
}

export { en };

/** What the panel says now: there is one panel a page. */
export let words: Words = en;

export function speak(next: Words): void {
  words = next;
}
