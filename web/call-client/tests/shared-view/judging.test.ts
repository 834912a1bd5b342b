import { describe, expect, it } from "vitest";
import {
  ACTION_KINDS,
  type ElementFacts,
  isPayment,
  isPrivate,
  NEEDED,
  pageToShow,
  refusalOf,
  SCOPES,
  scopesOf,
  withoutScopes,
} from "../../src/shared-view";

const FIELD: ElementFacts = {
  visible: true,
  masked: false,
  neverFill: false,
  neverClick: false,
  fillable: true,
  clickable: true,
  disabled: false,
  leadsAway: false,
};
const judge = (kind: (typeof ACTION_KINDS)[number], facts: Partial<ElementFacts> = {}, value = "02134") =>
  refusalOf(kind, SCOPES, { ...FIELD, ...facts }, value);

describe("an agent's action on the page", () => {
  it("needs the shopper's consent, of each kind", () => {
    for (const kind of ACTION_KINDS) {
      for (const agreed of [
        [],
        ["see"],
        ["see", "point"],
        ["see", "fill"],
        ["point", "fill"],
        SCOPES,
      ] as const) {
        const has = agreed.some((each) => each === "see") && agreed.some((each) => each === NEEDED[kind]);
        expect(refusalOf(kind, agreed, FIELD, "x") === "not_agreed").toBe(!has);
      }
    }
  });

  it("is about an element that is there, unless it opens a page", () => {
    for (const kind of ACTION_KINDS)
      expect(refusalOf(kind, SCOPES, null, "x")).toBe(kind === "navigate" ? null : "gone");
  });

  it("writes nothing that is private, forbidden, or no field", () => {
    for (const kind of ["propose", "fill"] as const) {
      expect(judge(kind)).toBeNull();
      expect(judge(kind, { masked: true })).toBe("masked");
      expect(judge(kind, { neverFill: true })).toBe("never_fill");
      expect(judge(kind, { fillable: false })).toBe("not_fillable");
      expect(judge(kind, { disabled: true })).toBe("disabled");
      expect(judge(kind, { visible: false })).toBe("not_visible");
      expect(judge(kind, {}, "x".repeat(2001))).toBe("value_too_long");
      expect(refusalOf(kind, SCOPES, FIELD, null)).toBe("bad_value");
    }
  });

  it("clicks nothing that is private, forbidden, covered, or leads to another site", () => {
    expect(judge("click")).toBeNull();
    expect(judge("click", { masked: true })).toBe("masked");
    expect(judge("click", { neverClick: true })).toBe("never_click");
    expect(judge("click", { clickable: false })).toBe("not_clickable");
    expect(judge("click", { disabled: true })).toBe("disabled");
    expect(judge("click", { visible: false })).toBe("not_visible");
    expect(judge("click", { leadsAway: true })).toBe("other_origin");
  });

  it("shows where a private field is: the shopper fills it in", () => {
    for (const kind of ["point", "highlight", "scroll"] as const) {
      expect(judge(kind, { masked: true, neverFill: true })).toBeNull();
      expect(judge(kind, { visible: false })).toBe("not_visible");
    }
  });
});

describe("scopes", () => {
  it("go with the one to see", () => {
    expect(withoutScopes(SCOPES, ["see"])).toEqual([]);
    expect(withoutScopes(SCOPES, ["fill"])).toEqual(["see", "point"]);
  });

  it("of a newer server are left out", () => {
    expect(scopesOf(["fly", "point", "see"])).toEqual(["see", "point"]);
  });
});

describe("a page to show", () => {
  const here = "https://shop.example/cart";

  it("is one of the web", () => {
    expect(pageToShow("https://shop.example/help", here)).toEqual({
      url: "https://shop.example/help",
      sameOrigin: true,
    });
    expect(pageToShow("https://other.example/", here)?.sameOrigin).toBe(false);
    for (const address of [
      null,
      "",
      "/cart",
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
    ])
      expect(pageToShow(address, here)).toBeNull();
    expect(pageToShow("https://a:b@shop.example/", here)).toBeNull();
  });
});

describe("a private field", () => {
  const of = (name: string, autocomplete = "") => ({ name, id: "", autocomplete });

  it("is known by its name", () => {
    for (const name of [
      "cvc",
      "card_number",
      "cardNumber",
      "card",
      "iban",
      "cardcvc",
      "checkout[card-no]",
      "CVV2",
    ])
      expect([name, isPayment(of(name))]).toEqual([name, true]);
    for (const name of ["ssn", "user_pin", "otp", "password", "userPassword", "passcode"])
      expect([name, isPrivate(of(name))]).toEqual([name, true]);
    expect(isPayment(of("x", "section-a cc-number"))).toBe(true);
  });

  it("is not every field", () => {
    for (const name of ["cardigan", "shipping", "postcard", "zip", "spinner", "discard", "opinion", "email"])
      expect([name, isPrivate(of(name))]).toEqual([name, false]);
  });
});
