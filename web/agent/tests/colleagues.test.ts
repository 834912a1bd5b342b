import { expect, test } from "vitest";
import { NO_SETTINGS, withStates } from "../src/desk-settings";

test("what other agents do is told apart from the rest of the desk", () => {
  const settings = {
    ...NO_SETTINGS,
    transfers: [
      { to: "agent:ben", label: "Ben", kind: "agent", state: "offline" },
      { to: "agent:cleo", label: "Cleo", kind: "agent", state: "away" },
      { to: "route:support", label: "support", kind: "route", state: null },
    ],
  } as const;
  const states = { "agent:ben": "available", "agent:dora": "away", "route:support": "away" } as const;
  const news = withStates(settings, { type: "colleagues", states });
  expect(news.transfers.map(({ state }) => state)).toEqual(["available", "away", null]);
});
