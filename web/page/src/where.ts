/** Where the loader came from, and so which server and site it speaks for. */

export interface Where {
  /** The server, with a slash at its end; with the path where the shop's own proxy passes it on. */
  readonly base: string;
  /** The site's key. */
  readonly site: string;
}

/** Reads `https://shop.example/ringback/p/SITE_KEY.js`; null for any other address. */
export function whereFrom(address: string): Where | null {
  const [, base, site] = /^(https?:\/\/.+\/)p\/([\w-]{8,64})\.js(?:[?#]|$)/.exec(address) ?? [];
  return base && site ? { base, site } : null;
}
