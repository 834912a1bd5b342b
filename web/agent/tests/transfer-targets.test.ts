import { expect, it } from "vitest";
import { readDeskSettings } from "../src/messages";
import { addressOf } from "../src/addresses";
import { findTargets } from "../src/transfer-targets";

const settings = readDeskSettings({
  type: "desk",
  codes: [],
  own_phone: false,
  pages: [],
  push: {},
  views: {},
  transfers: [
    { to: "route:workshop", label: "Workshop", kind: "route" },
    { to: "agent:cem", label: "Cem Kaya", kind: "agent", state: "away" },
    { to: "agent:zoe", label: "Zoé Martin", kind: "agent", state: "available" },
    { to: "destination:shops/boston", label: "Boston store", kind: "destination" },
  ],
  numbers: true,
});
if (!settings) throw new Error("not read");
const found = (typed: string) => findTargets(settings, typed).map(({ to }) => to);

it("those who can take the call come first", () => {
  expect(found("")).toEqual(["agent:zoe", "destination:shops/boston", "route:workshop", "agent:cem"]);
});

it("finds all words in any order, without accents", () => {
  expect(found("martin zoe")).toEqual(["agent:zoe"]);
  expect(found("store shops")).toEqual(["destination:shops/boston"]);
  expect(found("nobody")).toEqual([]);
});

it.each(["+1 617 555 0100", "(617) 555-0100", "617.555.0100"])("%s is dialled", (number) => {
  expect(findTargets(settings, ` ${number} `)[0]).toMatchObject({ to: number, kind: "number" });
  expect(findTargets({ ...settings, numbers: false }, number)).toEqual([]);
});

it.each(["12", "007 Bond", "++49", "zoe"])("%s is no number", (typed) => {
  expect(findTargets(settings, typed).filter(({ kind }) => kind === "number")).toEqual([]);
});

it("knows an address by its looks", () => {
  expect(addressOf(" https://bikes.example/a?b#c ")).toBe("https://bikes.example/a?b#c");
  expect(addressOf("bikes.example/hours")).toBe("https://bikes.example/hours");
  expect(addressOf("http://127.0.0.1:8080/?page=sizes")).toBe("http://127.0.0.1:8080/?page=sizes");
  for (const typed of ["opening", "12", "", "javascript:alert(1)", "two words.example"]) {
    expect(addressOf(typed)).toBeNull();
  }
});
