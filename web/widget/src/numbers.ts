/** What shoppers type as their numbers. The page brings no numbering plan: the server reads them. */

/** The digits of a number, however it is written: full-width, Arabic-Indic and all others as ASCII. */
export const digitsOf = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/[^\p{Nd}]/gu, "")
    .replace(/[^0-9]/gu, asciiDigit);

/** Unicode has the ten digits of each script in a row, zero first. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
