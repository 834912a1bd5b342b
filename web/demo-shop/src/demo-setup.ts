/** What the demo's own little server tells this page: where Ringback is, and which stories can be tried. */

import { isRecord } from "@ringback/browser-leg/shapes";
import type { TalkBy } from "@ringback/call-client";

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

/** Somebody who logs in: an agent who answers in a browser, or an operator. */
export interface DemoAgent {
  readonly label: string;
  /** Of the page where they log in. */
  readonly url: string;
  readonly name: string;
  readonly password: string;
}

/** The radiator shop: who is at the counter of its workshops, and what there is to type. */
export interface Workshop {
  readonly agent: DemoAgent;
  /** Year, make, model, engine and ZIP code. */
  readonly vehicle: readonly string[];
  readonly number: string;
}

/** Somebody who may be logged in to the shop. */
export interface Customer {
  readonly id: string;
  readonly label: string;
}

export interface DemoSetup {
  readonly agent: DemoAgent;
  /** Who changes settings at the portal. */
  readonly operator: DemoAgent;
  readonly workshop: Workshop;
  /** The first one is logged in to begin with. */
  readonly customers: readonly Customer[];
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

/** What the shop's own server knows of the customer who is logged in, signed for one call. */
export const fetchSigned = (customer: string, number: string, country: string): Promise<string | null> =>
  signed("demo/signed", { customer, number: number.slice(0, 100), country });

/** The same for the rules of this page: it is good for an hour, and for no call. */
export const fetchPageToken = (customer: string): Promise<string | null> =>
  signed("demo/page-token", { customer });

/** Null where the shop's server does not answer: then things go on with what the page says alone. */
async function signed(path: string, body: Record<string, string>): Promise<string | null> {
  try {
    const response = await fetch(path, {
      method: "POST",
      cache: "no-store",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer: unknown = response.ok ? await response.json() : null;
    return isRecord(answer) && typeof answer["signed"] === "string" ? answer["signed"] : null;
  } catch {
    return null;
  }
}
