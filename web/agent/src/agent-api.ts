/** Log in, log out, who am I: the agents' side of the server's HTTP API. */

import { isRecord } from "@ringback/browser-leg/shapes";
import { type AgentMe, readAgentMe } from "./messages";

/** What went wrong, by the server's stable id; `server_unreachable` where it did not answer. */
export class ApiProblem extends Error {
  constructor(
    readonly id: string,
    detail: string,
    /** Seconds to wait before trying again makes sense. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
    this.name = "ApiProblem";
  }
}

export class AgentApi {
  constructor(
    /** The server's root: this page is served one step below it. */
    readonly root: URL = new URL("../", document.baseURI),
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {}

  get events(): string {
    return new URL("v1/agent/events", this.root).href.replace(/^http/, "ws");
  }

  logIn(agent: string, password: string, code: string): Promise<AgentMe> {
    return this.askMe("POST", "v1/agent/login", { agent, password, ...(code ? { code } : {}) });
  }

  /** Who is logged in here; throws `not_logged_in` where nobody is. */
  me(): Promise<AgentMe> {
    return this.askMe("GET", "v1/agent/me");
  }

  async logOut(): Promise<void> {
    await this.send("POST", "v1/agent/logout");
  }

  private async askMe(method: string, path: string, body?: object): Promise<AgentMe> {
    const me = readAgentMe(await this.send(method, path, body));
    if (me) return me;
    throw new ApiProblem("unreadable_answer", "The server gave an answer that this page cannot read.");
  }

  private async send(method: string, path: string, body?: object): Promise<unknown> {
    let response: Response;
    try {
      response = await this.fetch(new URL(path, this.root), {
        method,
        headers: {
          Accept: "application/json",
          ...(body ? { "Content-Type": "application/json" } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        cache: "no-store",
        signal: AbortSignal.timeout(10_000),
      });
    } catch {
      throw new ApiProblem("server_unreachable", "The server cannot be reached.");
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const wait = Number(response.headers.get("Retry-After"));
    const text = (name: string): string => {
      const value = isRecord(answer) ? answer[name] : null;
      return typeof value === "string" ? value : "";
    };
    throw new ApiProblem(text("id") || `http_${response.status}`, text("detail"), wait > 0 ? wait : null);
  }
}
