/** Log in, log out, who am I: the agents' side of the server's HTTP API. */

export type AgentState = "offline" | "away" | "available" | "ringing" | "on_call" | "wrap_up";

export interface Me {
  readonly agent: string;
  readonly label: string;
  readonly state: AgentState;
  /** Queues of the PBX in which the agent's own phone is paused. */
  readonly paused: readonly string[];
}

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

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function parseMe(value: unknown): Me | null {
  if (!isRecord(value)) return null;
  const { agent, label, paused, state } = value;
  if (typeof agent !== "string" || typeof label !== "string" || typeof state !== "string") return null;
  const queues = Array.isArray(paused) ? paused.filter((queue) => typeof queue === "string") : [];
  return { agent, label, state: state as AgentState, paused: queues };
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

  logIn(agent: string, password: string, code: string): Promise<Me> {
    return this.askMe("POST", "v1/agent/login", { agent, password, ...(code ? { code } : {}) });
  }

  /** Who is logged in here; throws `not_logged_in` where nobody is. */
  me(): Promise<Me> {
    return this.askMe("GET", "v1/agent/me");
  }

  async logOut(): Promise<void> {
    await this.send("POST", "v1/agent/logout");
  }

  private async askMe(method: string, path: string, body?: object): Promise<Me> {
    const me = parseMe(await this.send(method, path, body));
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
