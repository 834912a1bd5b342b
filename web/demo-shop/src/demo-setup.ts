/** What the demo's own little server tells this page: where Ringback is, and which stories can be tried. */

import { isRecord } from "@ringback/call-client";

export interface Country {
  readonly code: string;
  readonly name: string;
}

/** A number whose call goes a certain way. */
export interface Story {
  readonly id: string;
  readonly title: string;
  readonly explains: string;
  readonly country: string;
  readonly number: string;
}

export interface DemoSetup {
  /** Origin of the Ringback server. */
  readonly api: string;
  readonly site_key: string;
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

/** The digits of a number, however it is written. */
export const digitsOf = (text: string): string => text.replace(/\D/g, "");
