/** What a shopper can agree to in a shared view; docs/co-browse.md. */

/** An agent sees the page; points and scrolls; fills in fields and clicks. Each needs the first. */
export const SCOPES = ["see", "point", "fill"] as const;
export type Scope = (typeof SCOPES)[number];

/** The known ones among what a server says, in order. */
export const scopesOf = (told: readonly string[]): readonly Scope[] =>
  SCOPES.filter((scope) => told.includes(scope));

/** What remains agreed once these were taken back: nobody points at, or fills in, what they do not see. */
export function withoutScopes(agreed: readonly Scope[], revoked: readonly Scope[]): readonly Scope[] {
  return revoked.includes("see") ? [] : agreed.filter((scope) => !revoked.includes(scope));
}
