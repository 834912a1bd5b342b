/** What is said of a shared view. English is part of it, the others are files of their own. */

import type { ActionKind, Refusal, Scope } from "@ringback/call-client/shared-view";

export interface ViewWords {
  // The question.
  asks(who: string): string;
  asksMore(who: string): string;
  readonly never: string;
  readonly agree: string;
  readonly decline: string;
  readonly scopes: Readonly<Record<Scope, string>>;

  // The bar.
  readonly region: string;
  sees(who: string): string;
  readonly connecting: string;
  readonly reconnecting: string;
  readonly tooLarge: string;
  readonly failed: string;
  readonly end: string;
  readonly more: string;
  readonly less: string;
  mayDo(who: string): string;
  readonly escape: string;
  readonly moveDown: string;
  readonly moveUp: string;
  /** Whole minutes. */
  endsIn(minutes: number): string;

  // What was done.
  readonly deeds: string;
  readonly noDeeds: string;
  readonly done: Readonly<Record<ActionKind, (who: string, what: string) => string>>;
  readonly something: string;
  readonly aPage: string;
  refused(what: string, why: string): string;
  declined(what: string): string;
  readonly refusals: Readonly<Record<Refusal, string>>;
  readonly notDone: string;

  // What is offered.
  proposes(who: string, what: string): string;
  readonly value: string;
  readonly take: string;
  readonly leave: string;
  opens(who: string): string;
  readonly open: string;
  readonly stay: string;

  // The code.
  readonly codeTitle: string;
  readonly codeHow: string;
  readonly codeWait: string;
  /** A clock as 4:59. */
  codeEnds(clock: string): string;
  readonly codeOver: string;
  readonly codeAgain: string;
  readonly codeFailed: string;
  readonly close: string;

  readonly ended: Readonly<Record<string, string>>;
  readonly over: string;
}

const en: ViewWords = {
  asks: (who) => `${who} asks to see this page`,
  asksMore: (who) => `${who} asks for more`,
  never: "Nothing is recorded. You can stop at any time.",
  agree: "Agree to what is ticked",
  decline: "No, thanks",
  scopes: { see: "See this page", point: "Point and scroll", fill: "Fill in and click" },
  region: "Shared page",
  sees: (who) => `${who} sees this page`,
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  tooLarge: "This page is too large to be shown. You can still talk about it.",
  failed: "This page cannot be shown.",
  end: "End",
  more: "Details",
  less: "Close details",
  mayDo: (who) => `What ${who} may do`,
  escape: "Press Esc twice to end it.",
  moveDown: "Move to the bottom",
  moveUp: "Move to the top",
  endsIn: (minutes) =>
    minutes < 2 ? "Ends within two minutes." : `Ends in ${minutes} minutes at the latest.`,
  deeds: "What was done",
  noDeeds: "Nothing yet.",
  done: {
    point: (who, what) => `${who} points at ${what}`,
    highlight: (who, what) => `${who} highlights ${what}`,
    scroll: (who, what) => `${who} scrolled to ${what}`,
    propose: (who, what) => `You took what ${who} suggests for ${what}`,
    fill: (who, what) => `${who} filled in ${what}`,
    click: (who, what) => `${who} clicked ${what}`,
    navigate: (who, what) => `${who} opened ${what}`,
  },
  something: "something on this page",
  aPage: "another page",
  refused: (what, why) => `Not allowed: ${what}. ${why}`,
  declined: (what) => `You did not want it: ${what}`,
  refusals: {
    bad_address: "This is not an address of a page.",
    bad_value: "The field does not take this.",
    disabled: "It cannot be used just now.",
    gone: "It is no longer on this page.",
    masked: "It is private.",
    never_click: "Only you may press it.",
    never_fill: "Only you may fill it in.",
    not_agreed: "You have not agreed to it.",
    not_clickable: "It is nothing to press.",
    not_fillable: "It is no field.",
    not_visible: "It is not shown.",
    other_origin: "It leads to another site.",
    value_too_long: "It is longer than the field allows.",
  },
  notDone: "It did not work.",
  proposes: (who, what) => `${who} suggests for ${what}:`,
  value: "Suggestion, which you can change",
  take: "Use it",
  leave: "No, thanks",
  opens: (who) => `${who} would like to show you a page`,
  open: "Open it",
  stay: "Stay here",
  codeTitle: "Your code",
  codeHow: "Read it out to the person on the phone. They see nothing until you agree.",
  codeWait: "One moment…",
  codeEnds: (clock) => `Good for ${clock}`,
  codeOver: "This code is too old.",
  codeAgain: "New code",
  codeFailed: "There is no code just now. Please try again in a moment.",
  close: "Close",
  ended: {
    shopper: "You ended it. Nobody sees this page any more.",
    agent: "The other side ended it. Nobody sees this page any more.",
    talk_ended: "The conversation is over. Nobody sees this page any more.",
    too_long: "The time is up. Nobody sees this page any more.",
    idle: "It ended because nothing happened. Nobody sees this page any more.",
    declined: "You said no. Nobody sees this page.",
    unanswered: "The question is withdrawn. Nobody sees this page.",
  },
  over: "It is over. Nobody sees this page any more.",
};

const OTHERS: Readonly<Record<string, () => Promise<ViewWords>>> = {
  de: async () => (await import("./languages/de")).de,
  es: async () => (await import("./languages/es")).es,
  fr: async () => (await import("./languages/fr")).fr,
};

export { en };

/** What is said now: the panel has one language. */
export let viewWords: ViewWords = en;

/** Speak a language; English where its file does not come. */
export async function speakOfViews(language: string): Promise<void> {
  viewWords = (await OTHERS[language]?.().catch(() => en)) ?? en;
}
