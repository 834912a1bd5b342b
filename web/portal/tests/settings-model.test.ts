/** A review is of all that was typed before it, and no older answer comes after a newer one. */

import { expect, test } from "vitest";
import type { PortalApi } from "../src/portal-api";
import { SettingsModel } from "../src/settings/settings-model";

/** An API whose requests are answered when the test says so, and what it was asked for. */
function slowApi() {
  const asked: string[] = [];
  const open: ((answer: unknown) => void)[] = [];
  const ask = (what: string) =>
    new Promise((answer) => {
      asked.push(what);
      open.push(answer);
    });
  const api = {
    get: (path: string) => ask(path),
    change: (method: string, path: string) => ask(`${method} ${path}`),
  };
  const answer = async (value: unknown) => {
    open.shift()?.(value);
    await new Promise((done) => setTimeout(done));
  };
  return { api: api as unknown as PortalApi, asked, answer };
}

const TYPED = "PUT settings/text?file=a.csv";

test("a review waits for what is being kept, and for the review before", async () => {
  const { api, asked, answer } = slowApi();
  const model = new SettingsModel(api);
  const reviews: unknown[] = [];
  const review = () => void model.review().then((found) => reviews.push(found));
  review();
  await answer(undefined);
  expect(asked).toEqual(["settings/review"]);
  void model.type("a.csv", "one");
  review();
  void model.type("a.csv", "two");
  review(); // of both: one request serves for the two
  await answer("first");
  await answer("kept one");
  await answer("kept two");
  expect(asked).toEqual(["settings/review", TYPED, TYPED, "settings/review"]);
  await answer("second");
  expect(reviews).toEqual(["first", "second", "second"]);
});

test("a review that failed keeps none from the next", async () => {
  const { api, answer } = slowApi();
  const model = new SettingsModel(api);
  const failed = model.review();
  const said = expect(failed).rejects.toThrow("gone");
  await answer(undefined);
  await answer(Promise.reject(new Error("gone")));
  await said;
  const again = model.review();
  await answer(undefined);
  await answer("fine");
  expect(await again).toBe("fine");
});
