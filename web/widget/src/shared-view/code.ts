/** The code that a shopper on the phone reads out, so that the one who talks to them may ask to see the page. */

import { fields, number, text } from "@ringback/browser-leg/shapes";
import type { ViewTicket } from "@ringback/call-client/shared-view";

export interface ShownCode {
  readonly digits: string;
  readonly ticket: ViewTicket;
  /** On this page's clock, in ms. */
  readonly until: number;
}

const readCode = fields({ code: text, view: text, token: text, expires_in: number });

/** A new code; null: there is none now. */
export async function fetchCode(base: string, site: string): Promise<ShownCode | null> {
  try {
    const answer = await fetch(`${base}v1/views/codes`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ site_key: site }),
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    const read = answer.ok ? readCode(await answer.json()) : undefined;
    if (!read) return null;
    const { code, expires_in, token, view } = read;
    return { digits: code, ticket: { view, token }, until: Date.now() + expires_in * 1000 };
  } catch {
    return null;
  }
}
