/** The portal's side of the server's HTTP API: `/v1/portal/…`. */

import { ApiProblem, OwnApi } from "@ringback/look/own-api";
import type { OperatorMe } from "./messages";

export { ApiProblem } from "@ringback/look/own-api";

/** What is asked for beside the address; what is empty is left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>> | URLSearchParams;

export class PortalApi extends OwnApi {
  /** Called once for each answer by which the server says that nobody is logged in here any more. */
  onLoggedOut: () => void = () => {};

  logIn(operator: string, password: string, code: string): Promise<OperatorMe> {
    return this.send("POST", "v1/portal/login", {
      operator,
      password,
      ...(code ? { code } : {}),
    }) as Promise<OperatorMe>;
  }

  /** Who is logged in here; throws `not_logged_in` where nobody is. */
  me(): Promise<OperatorMe> {
    return this.send("GET", "v1/portal/me") as Promise<OperatorMe>;
  }

  async logOut(): Promise<void> {
    await this.send("POST", "v1/portal/logout");
  }

  /** What `/v1/portal/<path>` answers. Its type is one of messages.ts. */
  async get<T>(path: string, query: Query = {}, patience?: number): Promise<T> {
    return this.asked<T>("GET", this.path(path, query), undefined, {}, patience);
  }

  /** What `/v1/portal/<path>` answers to a change; `headers` such as `If-Match`. */
  async change<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
    patience?: number,
  ): Promise<T> {
    return this.asked<T>(method, this.path(path, {}), body, headers, patience);
  }

  /** The address of a file, such as a report's CSV, for a link. */
  link(path: string, query: Query = {}): string {
    return new URL(this.path(path, query), this.root).href;
  }

  private path(path: string, query: Query): string {
    const text = queryText(query);
    return `v1/portal/${path}${text ? `?${text}` : ""}`;
  }

  private async asked<T>(
    method: string,
    path: string,
    body: object | undefined,
    headers: Readonly<Record<string, string>>,
    patience: number | undefined,
  ): Promise<T> {
    try {
      return (await this.send(method, path, body, headers, patience)) as T;
    } catch (error) {
      if (error instanceof ApiProblem && error.id === "not_logged_in") this.onLoggedOut();
      throw error;
    }
  }
}

/** The query as an address has it, without what is empty. */
export function queryText(query: Query): string {
  const entries = query instanceof URLSearchParams ? [...query] : Object.entries(query);
  const told = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return new URLSearchParams(told.map(([name, value]) => [name, String(value)])).toString();
}

/** What went wrong, in words for the one who asked. */
export function problemWords(error: unknown): string {
  if (!(error instanceof ApiProblem)) throw error;
  if (error.id === "server_unreachable") return "The server cannot be reached. Check your connection.";
  return error.message || "The server could not do this. Please try again in a moment.";
}
