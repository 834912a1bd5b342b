/** Asks the server for a call, hangs it up, looks at it and at its callback: the HTTP side. */

import { type LegRing, readIceServer } from "@ringback/browser-leg";
import { isRecord, list } from "@ringback/browser-leg/shapes";
import { CallProof } from "./call-proof";
import { type Callback, parseCallback } from "./callback";
import { type CallProgress, readCallProgress } from "./messages";
import { CallProblem, readProblem } from "./problem";

/** How a shopper talks: by a phone that is called, or in this browser. */
export type TalkBy = "phone" | "pc";

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

interface Wish {
  readonly site_key: string;
  readonly page: string;
  /** What the page says of the shopper. Any caller could say anything. */
  readonly context: { readonly [key: string]: Json };
  /** What the retailer's server has signed of them for this one call: a JSON Web Token. */
  readonly signed?: string;
  /** Of the shopper's one wish: asked twice with the same key, the server places one call, and tells of it twice. */
  readonly request?: string;
  /** Who the loader says is on the page, and the invitation that they accepted. */
  readonly visitor?: string;
  readonly offer?: string;
  /** The chat that the call comes of. */
  readonly thread?: CallTicket;
}

interface PhoneNumber {
  readonly number: string;
  /** ISO 3166-1 alpha-2, for numbers without a country code. */
  readonly country: string;
}

/** Who talks by PC may leave the number out; without one nobody can be called back. */
export type CallRequest =
  | (Wish & PhoneNumber & { readonly by?: "phone" })
  | (Wish & (PhoneNumber | { readonly number?: never }) & { readonly by: "pc" });

/** A call of ours: its id, and the token that alone may watch it and hang it up. */
export interface CallTicket {
  readonly id: string;
  readonly token: string;
}

/** What the page needs to connect as a leg of the call: that leg's name, and helpers for its audio's way. */
export type FirstLeg = Pick<LegRing, "leg" | "ice_servers">;

/** A call that was asked for, and its first line of progress; where nobody is there to talk, that is its last. */
export interface PlacedCall {
  readonly ticket: CallTicket;
  readonly progress: CallProgress | null;
  /** Of a call by PC. */
  readonly leg: FirstLeg | null;
}

/** A number as it will be called, and as people write it; null: it is none (yet), and `hint` may say why. */
export interface NumberReading {
  readonly number: string | null;
  /** In English. */
  readonly hint: string | null;
}

export class CallApi {
  constructor(
    /** Origin of the Ringback server, such as https://ringback.example. */
    readonly origin: string,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** The proof of work of this site's next call, to be made while the shopper fills in the form. */
  proofFor(site_key: string): CallProof {
    const body = JSON.stringify({ site_key });
    return new CallProof(() => this.send("/v1/page/challenge", { method: "POST", body }));
  }

  /**
   * Ask for a call; throws {@link CallProblem}. Sends along what the site wants for each call: a token, and a proof of
   * work, of which `proof` may have been begun.
   */
  async request(call: CallRequest, proof: CallProof = this.proofFor(call.site_key)): Promise<PlacedCall> {
    const shown = new Set<string>();
    let made = proof.begun ? await proof.get() : null;
    let token: string | null = null;
    for (;;) {
      try {
        const answer = await this.place(call, token, made);
        proof.stop();
        return readPlaced(answer);
      } catch (problem) {
        if (!(problem instanceof CallProblem) || shown.has(problem.id)) throw problem;
        shown.add(problem.id);
        if (problem.id === "proof_missing" || problem.id === "proof_invalid") {
          proof.stop();
          made = await proof.get();
        } else if (problem.id !== "form_token_missing") {
          throw problem;
        }
        // A token is good for some minutes, and for one try.
        if (token !== null || problem.id === "form_token_missing")
          token = await this.formToken(call.site_key);
      }
    }
  }

  private place(call: CallRequest, form_token: string | null, proof: string | null): Promise<unknown> {
    const wish = { ...call, ...(form_token !== null && { form_token }), ...(proof !== null && { proof }) };
    return this.send("/v1/calls", { method: "POST", body: JSON.stringify(wish) });
  }

  private async formToken(site_key: string): Promise<string> {
    const body = JSON.stringify({ site_key });
    const answer: unknown = await this.send("/v1/calls/token", { method: "POST", body });
    if (isRecord(answer) && typeof answer["form_token"] === "string") return answer["form_token"];
    throw unreadable();
  }

  /** How the server reads a number that is being typed. */
  async readNumber(site_key: string, number: string, country: string): Promise<NumberReading> {
    const body = JSON.stringify({ site_key, number: number.slice(0, 40), ...(country && { country }) });
    const answer: unknown = await this.send("/v1/page/number", { method: "POST", body });
    const textOf = (name: string): string | null =>
      isRecord(answer) && typeof answer[name] === "string" ? answer[name] : null;
    return { number: textOf("number"), hint: textOf("hint") };
  }

  /** Hang up, in whatever state the call is; that it is over already is no error. */
  async hangUp(ticket: CallTicket): Promise<void> {
    try {
      await this.send(`/v1/calls/${encodeURIComponent(ticket.id)}`, { method: "DELETE", ticket });
    } catch (problem) {
      if (problem instanceof CallProblem && problem.status === 404) return;
      throw problem;
    }
  }

  /** The call's newest line of progress, or null for an answer that is none. */
  async look(ticket: CallTicket): Promise<CallProgress | null> {
    const answer = await this.send(`/v1/calls/${encodeURIComponent(ticket.id)}`, { ticket });
    return readCallProgress(answer) ?? null;
  }

  /** The callback that was booked for a call. */
  async callback(ticket: CallTicket): Promise<Callback> {
    return readCallback(await this.send(`/v1/calls/${encodeURIComponent(ticket.id)}/callback`, { ticket }));
  }

  /** Do not be called back. How it stands then: cancelled, unless it was over already. */
  async cancelCallback({ secret }: Callback): Promise<Callback> {
    return readCallback(await this.send(`/v1/callbacks/${encodeURIComponent(secret)}`, { method: "DELETE" }));
  }

  private async send(
    path: string,
    { ticket, ...init }: RequestInit & { ticket?: CallTicket },
  ): Promise<unknown> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (ticket) headers["Authorization"] = `Bearer ${ticket.token}`;
    if (init.body) headers["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await this.fetch(this.origin + path, {
        ...init,
        headers,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(10_000),
      });
    } catch {
      throw new CallProblem(
        "server_unreachable",
        "The phone service cannot be reached. Check your connection and try again.",
      );
    }
    if (!response.ok) throw await readProblem(response);
    return response.status === 204 ? null : response.json().catch(() => null);
  }
}

function readPlaced(answer: unknown): PlacedCall {
  if (isRecord(answer) && typeof answer["id"] === "string" && typeof answer["token"] === "string") {
    const ticket = { id: answer["id"], token: answer["token"] };
    return { ticket, progress: readCallProgress(answer["progress"]) ?? null, leg: readLeg(answer) };
  }
  throw unreadable();
}

function readLeg({ leg, ice_servers }: Record<string, unknown>): FirstLeg | null {
  const servers = list(readIceServer)(ice_servers);
  return typeof leg === "string" && servers ? { leg, ice_servers: servers } : null;
}

function readCallback(answer: unknown): Callback {
  const callback = parseCallback(answer);
  if (callback) return callback;
  throw unreadable();
}

function unreadable(): CallProblem {
  return new CallProblem("unreadable_answer", "The phone service gave an answer that this page cannot read.");
}
