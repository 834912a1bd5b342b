/** What the shop's own server has signed for one call, as a listener of the shop's page answers it. */

import { isRecord } from "@ringback/browser-leg/shapes";

/** Ms after which the call goes on with what the page says alone. */
const PATIENCE = 5_000;

/** The first `{signed}` among answers and promises of answers; nothing where there is none in time. */
export async function signedBy(
  answers: readonly unknown[],
  patience = PATIENCE,
): Promise<{ signed?: string }> {
  if (answers.length === 0) return {};
  const late = new Promise<null>((then) => setTimeout(() => then(null), patience));
  const all = answers.map((answer) => Promise.resolve(answer).catch(() => null));
  for (const answer of all) {
    const given: unknown = await Promise.race([answer, late]);
    if (isRecord(given) && typeof given["signed"] === "string") return { signed: given["signed"] };
  }
  return {};
}
