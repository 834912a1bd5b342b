/** What is in the shop's cart, as long as the tab lives; and the shop's promotions. */

/** Dollars for the one bike. */
export const PRICE = 749;

const CART = "acme.cart";

export function keepCart(items: number): void {
  try {
    sessionStorage.setItem(CART, String(items));
  } catch {
    // Forbidden: then the cart lasts as long as the page.
  }
}

/** What was in the cart before the page was left or reloaded. */
export function cartBefore(): number {
  try {
    return Math.trunc(Number(sessionStorage.getItem(CART))) || 0;
  } catch {
    return 0;
  }
}

/** Dollars off by code; a code that has expired says until when it was good. */
const PROMOTIONS: Readonly<Record<string, number | string>> = {
  AUTUMN: 20,
  SPRING: "May 31",
  SUMMER: "August 31",
};

/** What a code is worth: dollars off, or why it is worth nothing. */
export function worthOf(code: string): number | string {
  const found = Object.hasOwn(PROMOTIONS, code) ? PROMOTIONS[code] : undefined;
  if (found === undefined) return `We know no promotion ${code}.`;
  return typeof found === "number" ? found : `The promotion ${code} has expired: it was good until ${found}.`;
}
