/** A line of the list of what was done. */

import { isolated } from "@ringback/browser-leg";
import type { Deed, Refusal } from "@ringback/call-client/shared-view";
import { viewWords } from "./view-words";

export function deedWords({ agent, kind, reason, result, what }: Deed): string {
  const of = kind === "navigate" ? viewWords.aPage : viewWords.something;
  const said = viewWords.done[kind](isolated(agent), isolated(what || of));
  if (result === "done") return said;
  if (result === "declined") return viewWords.declined(said);
  return viewWords.refused(said, viewWords.refusals[reason as Refusal] ?? viewWords.notDone);
}
