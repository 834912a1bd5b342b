/** What the demo's own little server tells this page: where Ringback is, and which stories can be tried. */

import { isRecord } from "@ringback/browser-leg/shapes";
import type { TalkBy } from "@ringback/call-client";

export interface Country {
  readonly code: string;
  readonly name: string;
}

/** A number whose call goes a certain way. */
export interface Story {
  readonly id: string;
  readonly title: string;
  /** By the ways to talk in which it can be tried. */
  readonly explains: Readonly<Partial<Record<TalkBy, string>>>;
  readonly country: string;
  readonly number: string;
  /** Whether other shoppers come along, who must be asked to before a call by PC. */
  readonly company: boolean;
  /** Whether somebody must have the agent's page open. */
  readonly agent: boolean;
}

/** Somebody who answers in a browser. */
export interface DemoAgent {
  readonly label: string;
  /** Of the page where they log in. */
  readonly url: string;
  readonly name: string;
  readonly password: string;
}

export interface DemoSetup {
  /** Origin of the Ringback server. */
  readonly api: string;
  readonly site_key: string;
  /** How shoppers may talk. */
  readonly talk: readonly TalkBy[];
  readonly agent: DemoAgent;
  readonly countries: readonly Country[];
  /** Never empty; any other number goes like the first. */
  readonly stories: readonly Story[];
}

export async function fetchSetup(): Promise<DemoSetup> {
  const response = await fetch("demo/setup.json", { cache: "no-store" });
  const setup: unknown = await response.json();
  if (!response.ok || !isRecord(setup) || !Array.isArray(setup["stories"])) {
    throw new Error(`demo/setup.json: HTTP ${response.status}`);
  }
  return setup as unknown as DemoSetup;
}

/** Have the other shoppers of a story call, and wait until they have. */
export async function bringCompany(story: Story): Promise<void> {
  await fetch(`demo/stories/${encodeURIComponent(story.id)}/company`, { method: "POST" });
}

/**
 * What the shop's own server knows of the customer who is logged in, signed for one call. Where it does not answer, the call
 * goes on with what the page says alone.
 */
export async function fetchSigned(number: string, country: string): Promise<string | null> {
  try {
    const response = await fetch("demo/signed", {
      method: "POST",
      cache: "no-store",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ number: number.slice(0, 100), country }),
    });
    const answer: unknown = response.ok ? await response.json() : null;
    return isRecord(answer) && typeof answer["signed"] === "string" ? answer["signed"] : null;
  } catch {
    return null;
  }
}

/** How the server reads a number: as it will be called, or what is wrong with it; null: it is none (yet). */
export interface Reading {
  readonly number: string | null;
  readonly hint: string | null;
}

/** Null where the server does not answer: then nothing is said about the number. */
export async function readNumber(number: string, country: string): Promise<Reading | null> {
  try {
    const query = new URLSearchParams({ number: number.slice(0, 100), country });
    const response = await fetch(`demo/number?${query.toString()}`, { cache: "no-store" });
    const answer: unknown = response.ok ? await response.json() : null;
    if (!isRecord(answer)) return null;
    const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
    return { number: textOf(answer["number"]), hint: textOf(answer["hint"]) };
  } catch {
    return null;
  }
}

/** The digits of a number, however it is written: full-width, Arabic-Indic and all others as ASCII. */
export const digitsOf = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/[^\p{Nd}]/gu, "")
    .replace(/[^0-9]/gu, asciiDigit);

/** Unicode has the ten digits of each script in a row, zero first. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
