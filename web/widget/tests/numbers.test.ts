import { describe, expect, it } from "vitest";
import { digitsOf } from "../src/numbers";

describe("digitsOf", () => {
  it.each([
    ["(617) 555-0101", "6175550101"],
    ["٦١٧٥٥٥٠١٠١", "6175550101"],
    ["۶۱۷۵۵۵۰۱۰۱", "6175550101"],
    ["६१७५५५०१०१", "6175550101"],
    ["６１７５５５０１０１", "6175550101"],
    ["\u202a+1 617 555 0101\u202c", "16175550101"],
    ["call me", ""],
  ])("reads %s", (typed, digits) => {
    expect(digitsOf(typed)).toBe(digits);
  });
});
