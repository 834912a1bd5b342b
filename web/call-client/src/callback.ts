/** A callback: the promise to call the shopper back, as the server tells it to the page of that call. */

import { type CallbackView, readCallbackView } from "./messages";

export interface Callback extends CallbackView {
  /** Opens the callback, to see or cancel it. */
  readonly secret: string;
}

/** A callback from a parsed answer of the server; null for what is not one. */
export function parseCallback(value: unknown): Callback | null {
  const view = readCallbackView(value);
  if (!view || !/^https?:/.test(view.link)) return null;
  const secret = view.link.split(/[?#]/)[0]?.split("/").at(-1);
  return secret ? { ...view, secret } : null;
}
