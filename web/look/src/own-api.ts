/** Requests of Ringback's own pages to the server that serves them, with the browser's cookie. */

/** What went wrong, by the server's stable id; `server_unreachable` where it did not answer. */
export class ApiProblem extends Error {
  constructor(
    readonly id: string,
    detail: string,
    /** Seconds to wait before trying again makes sense. */
    readonly retryAfter: number | null = null,
    /** All that the server says of it (RFC 9457), such as `errors`. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = "ApiProblem";
  }
}

export class OwnApi {
  constructor(
    /** The server's root: pages are served one step below it. */
    readonly root: URL = new URL("../", document.baseURI),
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** The address of a WebSocket. */
  socket(path: string): string {
    return new URL(path, this.root).href.replace(/^http/, "ws");
  }

  /** The answer's JSON, null for one without; throws {@link ApiProblem}. */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
    patience = 10_000,
  ): Promise<unknown> {
    const response = await this.ask(method, path, body, headers, patience);
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const wait = Number(response.headers.get("Retry-After"));
    const details = typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
    const text = (name: string): string => {
      const value = details[name];
      return typeof value === "string" ? value : "";
    };
    const id = text("id") || `http_${response.status}`;
    throw new ApiProblem(id, text("detail"), wait > 0 ? wait : null, details);
  }

  private async ask(
    method: string,
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
    patience: number,
  ): Promise<Response> {
    try {
      return await this.fetch(new URL(path, this.root), {
        method,
        headers: {
          Accept: "application/json",
          ...(body ? { "Content-Type": "application/json" } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        cache: "no-store",
        signal: AbortSignal.timeout(patience),
      });
    } catch {
      throw new ApiProblem("server_unreachable", "The server cannot be reached.");
    }
  }
}
