import { expect, test } from "vitest";
import { readSettings, withStates } from "../src/desk-messages";

test("what other agents do is told apart from the rest of the desk", () => {
  const settings = readSettings({
    transfers: [
      { to: "agent:ben", label: "Ben", kind: "agent", state: "offline" },
      { to: "agent:cleo", label: "Cleo", kind: "agent", state: "away" },
      { to: "route:support", label: "support", kind: "route" },
    ],
  });
  const news = withStates(settings, { "agent:ben": "available", "agent:dora": "away", "route:support": "x" });
  expect(news.transfers.map(({ state }) => state)).toEqual(["available", "away", ""]);
  expect(withStates(news, null)).toBe(news);
});
