/** What the panel's form asks of the server, and sends it. */

import { CallProof } from "@ringback/call-client";
import { fields, number, text } from "@ringback/browser-leg/shapes";
import type { PanelContext } from "../../../page/src/widget-seam";
import { type FreeTimes, readTimes } from "./free-times";

/** Ms for an answer of the server. */
const PATIENCE = 15_000;

/** What became of a form: it has arrived, with the link to it where a time was chosen; or what is wrong. */
export type Sending =
  | { readonly sent: true; readonly link: string }
  | { readonly sent: false; readonly id: string; readonly field: string };

const readAgreed = fields({ at: number, link: text });

export class LeadApi {
  constructor(private readonly context: PanelContext) {}

  /** The times that are free; null: the server did not say. */
  async times(): Promise<FreeTimes | null> {
    const { base, site } = this.context;
    try {
      const answer = await fetch(`${base}v1/page/${encodeURIComponent(site)}/times`, {
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE),
      });
      return answer.ok ? (readTimes(await answer.json()) ?? null) : null;
    } catch {
      return null;
    }
  }

  /** Sent once more with a proof of work where the server wants one. */
  async send(form: Readonly<Record<string, unknown>>): Promise<Sending> {
    const came = await this.sendOnce(form);
    if (came.sent || !came.id.startsWith("proof")) return came;
    try {
      const proof = await new CallProof(() => this.challenge()).get();
      return await this.sendOnce({ ...form, proof });
    } catch {
      return { sent: false, id: "proof", field: "" };
    }
  }

  private async challenge(): Promise<unknown> {
    const { base, site: site_key } = this.context;
    const answer = await fetch(`${base}v1/page/challenge`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ site_key, what: "lead" }),
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.json();
  }

  private async sendOnce(form: Readonly<Record<string, unknown>>): Promise<Sending> {
    const { context } = this;
    const wish = { site_key: context.site, page: context.page().url, visitor: context.visitor(), ...form };
    try {
      const answer = await fetch(`${context.base}v1/page/lead`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(wish),
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 204) return { sent: true, link: "" };
      const told: unknown = await answer.json();
      if (answer.ok) return { sent: true, link: readAgreed(told)?.link ?? "" };
      return { sent: false, ...problemOf(told) };
    } catch {
      return { sent: false, id: "unreachable", field: "" };
    }
  }
}

/** Its id, and the field of the form that is wrong, if one is. */
function problemOf(told: unknown): { id: string; field: string } {
  const { id, errors } = (told ?? {}) as { id?: unknown; errors?: readonly { path?: unknown }[] };
  const path = Array.isArray(errors) ? errors[0]?.path : "";
  return {
    id: typeof id === "string" ? id : "",
    field: typeof path === "string" ? path.replace("body.", "") : "",
  };
}
