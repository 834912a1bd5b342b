/** The few words that the loader itself shows. The server gives them in the page's language, unless it is older. */

import type { PagePlan } from "./messages";

const ENGLISH: Readonly<Record<string, string>> = {
  open: "Talk to us",
  later: "Contact us",
};

export const wordOf = (plan: PagePlan & { words?: Record<string, string> }, name: string): string =>
  plan.words?.[name] ?? ENGLISH[name] ?? "";
