import { describe, expect, it } from "vitest";
import { labelPlace, type Box } from "../src/shared-view/label-place";

const VIEW = { width: 1000, height: 800 };
const FIELD: Box = { left: 100, top: 300, width: 200, height: 40 };
const WORD = { width: 120, height: 24 };
const LABEL: Box = { left: 100, top: 275, width: 80, height: 20 };
const ERROR: Box = { left: 100, top: 344, width: 200, height: 20 };

describe("the word beside a marked field", () => {
  it("stands below it, above where its error is below, and beside it where its label is above, too", () => {
    expect(labelPlace(FIELD, WORD, [LABEL], VIEW, false)).toEqual({ left: 100, top: 346 });
    expect(labelPlace(FIELD, WORD, [ERROR], VIEW, false)).toEqual({ left: 100, top: 270 });
    expect(labelPlace(FIELD, WORD, [LABEL, ERROR], VIEW, false)).toEqual({ left: 306, top: 308 });
  });

  it("stands below its error where there is no room beside it, as on a phone", () => {
    const view = { width: 320, height: 800 };
    expect(labelPlace(FIELD, WORD, [LABEL, ERROR], view, false)).toEqual({ left: 100, top: 370 });
  });

  it("begins at the right in pages that are read from there", () => {
    expect(labelPlace(FIELD, WORD, [], VIEW, true)).toEqual({ left: 180, top: 346 });
    const field = { ...FIELD, left: 300 };
    expect(
      labelPlace(
        field,
        WORD,
        [
          { ...ERROR, left: 300 },
          { ...LABEL, left: 300, width: 200 },
        ],
        VIEW,
        true,
      ).left,
    ).toBe(174);
  });

  it("is seen where the field is at an edge of the window, and nothing is free", () => {
    const low = { left: 0, top: 770, width: 320, height: 30 };
    expect(labelPlace(low, WORD, [], { width: 320, height: 800 }, false)).toEqual({ left: 0, top: 740 });
    const all = { left: 0, top: 0, width: 320, height: 800 };
    expect(labelPlace(all, WORD, [], { width: 320, height: 800 }, false)).toEqual({ left: 0, top: 806 });
  });

  it("covers nothing in any window where one of its places is free", () => {
    for (let top = 0; top < 800; top += 37) {
      const field = { ...FIELD, top };
      const texts = [
        { ...LABEL, top: top - 25 },
        { ...ERROR, top: top + 44 },
      ];
      const at = labelPlace(field, WORD, texts, VIEW, false);
      for (const box of [field, ...texts])
        expect(
          at.left >= box.left + box.width ||
            at.top >= box.top + box.height ||
            at.top + WORD.height <= box.top,
        ).toBe(true);
    }
  });
});
