/** What the page asks and tells the server. Nobody else is asked anything. */

import type { Told } from "./follow-seam";
import type { PageQuestion } from "./messages";
import { doFetch, fromJson, randomId, toJson } from "./natives";
import { deviceKind } from "./page-now";
import { visitor } from "./visitor";
import type { Where } from "./where";

/** Of what is said between the loader and the server. */
export const VERSION = 1;
/** Bytes of a question; the server reads no more. */
const MOST_ASKED = 4_096;
/** Milliseconds that an answer may take. */
const PATIENCE = 10_000;

let where: Where;
let viewId = "";
let token: string | null = null;

export const speakTo = (its: Where): void => void (where = its);
export const here = (): Where => where;
export const view = (): string => viewId;
export const newView = (): void => void (viewId = randomId());
export const identify = (given: string | null): void => void (token = given);
export const pageToken = (): string | null => token;

const about = () => ({
  v: VERSION,
  site: where.site,
  view: viewId,
  visitor: visitor().id || null,
  token,
  consent: visitor().consent,
  device: deviceKind(),
});

/** Ask the server under /v1/page; rejected where it does not answer. */
export async function request(path: string, body?: string, keepalive = false): Promise<unknown> {
  const answer = await doFetch(where.base + "v1/page" + path, {
    // No header of our own, and a text: so no browser asks the server first whether it may (CORS preflight).
    ...(body && { method: "POST", body }),
    credentials: "omit",
    keepalive,
    ...(!keepalive && { signal: AbortSignal.timeout(PATIENCE) }),
  });
  if (!answer.ok) throw Error(`${answer.status}`);
  return fromJson(await answer.text());
}

/** Send JSON to a path of the server, whatever it answers; rejected where it does not. */
export const send = (path: string, what: unknown): Promise<Response> =>
  doFetch(where.base + path, {
    method: "POST",
    body: toJson(what),
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(PATIENCE),
  });

/** Ask what to show; rejected where the server does not answer. */
export function ask(question: Partial<PageQuestion> & { facts: Record<string, unknown> }): Promise<unknown> {
  const names = Object.keys(question.facts);
  for (;;) {
    // On the first page of the first visit nobody can know the id yet: the server need not look.
    const fresh = visitor().visit + visitor().pages === 2;
    const text = toJson({ ...about(), fresh, ...question });
    if (new TextEncoder().encode(text).length <= MOST_ASKED || !names.length) return request("", text);
    delete question.facts[names.pop() ?? ""]; // what was set last
  }
}

/** Tell what became of something, at once, and even while the page goes. */
export const tell = (event: Told): Promise<unknown> =>
  request("/events", toJson({ ...about(), ...event }), true).catch(() => undefined);

/** Ask why something was shown or not. */
export const explain = (): Promise<unknown> => request("/explain", toJson(about()));
