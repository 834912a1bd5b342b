/** Sends a form of the shop's page, which leaves a lead (`POST /v1/page/lead`). */

import type { FollowedPage, Sent } from "../follow-seam";

/** What came of it; a server that does not answer is the problem `unreachable`. */
export async function sendForm(page: FollowedPage, form: Record<string, unknown>): Promise<Sent> {
  const { url, data } = page.click();
  // What fills in the panel's form is no fact: see `PageOfClick`.
  const context = { ...data, "contact.number": undefined, "contact.country": undefined };
  const wish = { request: page.view() + Date.now(), page: url, context, ...form, site_key: page.site };
  try {
    const answer = await page.send("v1/page/lead", wish);
    return answer.ok ? { sent: true } : { sent: false, problem: await answer.json() };
  } catch (problem) {
    console.error("ringback:", problem);
    return { sent: false, problem: { id: "unreachable" } };
  }
}
