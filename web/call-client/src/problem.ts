/** Errors of the server as RFC 9457 problems, and the ones that happen on the way to it. */

import { isRecord } from "@ringback/browser-leg/shapes";

/** One field that the server did not like. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A request that did not work. `id` is the server's stable id of the problem, or one of ours below. */
export class CallProblem extends Error {
  override readonly name = "CallProblem";

  constructor(
    /** Stable: "server_unreachable" and "unreadable_answer" are ours, all others the server's. */
    readonly id: string,
    message: string,
    readonly status = 0,
    readonly fields: readonly FieldError[] = [],
    /** Seconds after which another try makes sense, where the server said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** The problem behind a response that was not a success. */
export async function readProblem(response: Response): Promise<CallProblem> {
  const body: unknown = await response.json().catch(() => null);
  const retry = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : null;
  if (!isRecord(body)) {
    return new CallProblem(
      "unreadable_answer",
      `The phone service gave an answer that this page cannot read (HTTP ${response.status}).`,
      response.status,
      [],
      retryAfter,
    );
  }
  const text = [body["detail"], body["title"]].find((part) => typeof part === "string" && part !== "");
  const id = typeof body["id"] === "string" ? body["id"] : "unnamed_problem";
  const fields = Array.isArray(body["errors"]) ? body["errors"].map(readField) : [];
  return new CallProblem(
    id,
    typeof text === "string" ? text : `The phone service refused the request (HTTP ${response.status}).`,
    response.status,
    fields.filter((field) => field !== null),
    retryAfter,
  );
}

function readField(value: unknown): FieldError | null {
  if (!isRecord(value)) return null;
  const { path, message } = value;
  if (typeof path !== "string" || typeof message !== "string") return null;
  return { field: path.split(".").at(-1) ?? path, message };
}

/** Whether it is the number that must be changed before another try. */
export function isAboutNumber(problem: CallProblem): boolean {
  return (
    ["number_invalid", "number_short", "number_type_refused", "country_refused"].includes(problem.id) ||
    problem.fields.some(({ field }) => field === "number")
  );
}
