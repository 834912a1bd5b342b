/** Who is there at the click, and whether an offer is still true. */

import type { FollowedPage } from "../follow-seam";

/** The answer of `GET /v1/page/SITE/now`; null: the server does not answer. */
export const whoIsThere = ({ request, site }: FollowedPage, offer?: string): Promise<unknown> =>
  request(`/${site}/now${offer ? "?offer=" + offer : ""}`).catch(() => null);
