/**
 * What the desk and the document of a shared view tell one another, by `postMessage`: both are of one origin, and each
 * checks that the other is, and is the very window that it means. The document has no cookie's power: it works by a token.
 */

import { isRecord } from "@ringback/browser-leg/shapes";

/** From the document: it wants a token, at its start and when it connects again. */
export interface TokenWanted {
  readonly ringback: "token_wanted";
}

/** From the desk: a token, good once. */
export interface TokenGiven {
  readonly ringback: "token";
  readonly view: string;
  readonly token: string;
}

export type SeamMessage = TokenWanted | TokenGiven;

/** A message of the other side's; null: it is somebody else's, or none of these. */
export function readSeam(event: MessageEvent<unknown>, from: unknown, origin: string): SeamMessage | null {
  if (event.origin !== origin || event.source !== from || from === null) return null;
  const { data } = event;
  if (!isRecord(data)) return null;
  if (data["ringback"] === "token_wanted") return { ringback: "token_wanted" };
  const { token, view } = data;
  return data["ringback"] === "token" && typeof token === "string" && typeof view === "string"
    ? { ringback: "token", token, view }
    : null;
}
