/** Fields that are private by their nature, whatever a site's rules say; docs/masking.md has the server's list. */

/** Always masked, with all that is in it. */
export const ALWAYS_MASKED = [
  "[data-ringback-mask]",
  "input[type=password]",
  "input[type=hidden]",
  "input[type=file]",
  '[autocomplete*="one-time-code"]',
  '[autocomplete*="password"]',
  '[autocomplete^="cc-"]',
  '[autocomplete*=" cc-"]',
].join(",");

export const NEVER_CLICKED = "[data-ringback-never-click]";

const PAYMENT_AUTOCOMPLETE = /(?:^|\s)cc-/i;
const PAYMENT_NAME =
  /(?:^|[^a-z])(?:cvc|cvv|csc|iban|card(?:s?(?:number|no|num|nr|code|cvc|holder))?)(?:2|s)?(?![a-z])/;
const SECRET_NAME = /(?:^|[^a-z])(?:ssn|pin|otp|passw(?:or)?d|passcode)(?:s)?(?![a-z])/;

/** `cardNumber` and `card_number` are words that a pattern can tell from `cardigan`. */
const wordsOf = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();

export interface FieldNames {
  readonly name: string;
  readonly id: string;
  readonly autocomplete: string;
}

/** Whether a field takes a card, an account or its code. */
export function isPayment({ name, id, autocomplete }: FieldNames): boolean {
  return (
    PAYMENT_AUTOCOMPLETE.test(autocomplete) || [name, id].some((each) => PAYMENT_NAME.test(wordsOf(each)))
  );
}

/** Whether its name says that nobody else may read it. */
export function isPrivate(names: FieldNames): boolean {
  return isPayment(names) || [names.name, names.id].some((each) => SECRET_NAME.test(wordsOf(each)));
}
