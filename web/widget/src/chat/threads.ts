/** What the chat asks of the server over HTTP. */

import { fields, text } from "@ringback/browser-leg/shapes";
import { CallProblem, CallProof, type CallTicket, type Json, readProblem } from "@ringback/call-client";

/** A wish to chat; the same `key` again is the same chat. */
export interface ThreadWish {
  readonly site_key: string;
  readonly key: string;
  readonly visitor: string;
  readonly page: string;
  readonly language: string;
  readonly context: Readonly<Record<string, Json>>;
  readonly signed?: string;
}

const readTicket = fields<CallTicket>({ id: text, token: text });
const readTranscript = fields({ subject: text, text: text });

export class Threads {
  constructor(
    /** The server, with a slash at its end. */
    private readonly base: string,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** Ask for a chat, with a proof of work where the site wants one just now; throws {@link CallProblem}. */
  async open(wish: ThreadWish): Promise<CallTicket> {
    const asked = await CallProof.whereWanted(
      (proof) => this.post("v1/threads", { ...wish, proof }),
      () => this.post("v1/page/challenge", { site_key: wish.site_key, what: "chat" }),
    );
    return readTicket(asked) ?? unreadable();
  }

  /** What was said, to be saved; with an address it is mailed there, too. Throws {@link CallProblem}. */
  async transcript({ id, token }: CallTicket, email?: string): Promise<{ subject: string; text: string }> {
    const path = `v1/threads/${encodeURIComponent(id)}/transcript`;
    return readTranscript(await this.post(path, { token, ...(email && { email }) })) ?? unreadable();
  }

  /** Where the chat's WebSocket is. */
  events({ id }: CallTicket): string {
    return `${this.base.replace(/^http/, "ws")}v1/threads/${encodeURIComponent(id)}/events`;
  }

  private async post(path: string, body: object): Promise<unknown> {
    const answer = await this.fetch(this.base + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    }).catch(() => {
      throw new CallProblem("server_unreachable", "");
    });
    if (!answer.ok) throw await readProblem(answer);
    return answer.json().catch(() => null);
  }
}

function unreadable(): never {
  throw new CallProblem("unreadable_answer", "");
}
