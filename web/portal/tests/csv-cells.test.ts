import { describe, expect, it } from "vitest";
import { rowsOf, withCell, withoutRow, withRow } from "../src/settings/csv-cells";

const TABLE = 'name,label,hours\r\nboston, "The ""Hub"", Boston" ,Mo-Fr 09:00-18:00\r\n\r\nsalem,Salem,\r\n';

describe("a table of stores", () => {
  it("is read as the server reads it, with the places of its cells", () => {
    const rows = rowsOf(TABLE);
    expect(rows.map((row) => row.map(({ text }) => text))).toEqual([
      ["name", "label", "hours"],
      ["boston", 'The "Hub", Boston', "Mo-Fr 09:00-18:00"],
      ["salem", "Salem", ""],
    ]);
    const label = rows[1]![1]!;
    expect([label.line, label.column]).toEqual([2, 10]);
    expect([rows[2]![2]!.line, rows[2]![2]!.column]).toEqual([4, 13]);
  });

  it("changes one cell, and no other character", () => {
    const [, boston, salem] = rowsOf(TABLE);
    expect(withCell(TABLE, salem![2]!, "Sa 10:00-14:00")).toBe(
      TABLE.replace("Salem,\r\n", "Salem,Sa 10:00-14:00\r\n"),
    );
    expect(withCell(TABLE, boston![1]!, 'A, "b"')).toBe(TABLE.replace('"The ""Hub"", Boston"', '"A, ""b"""'));
    for (const row of rowsOf(TABLE))
      for (const cell of row) {
        const again = rowsOf(withCell(TABLE, cell, cell.text)).map((each) => each.map(({ text }) => text));
        expect(again).toEqual(rowsOf(TABLE).map((each) => each.map(({ text }) => text)));
      }
  });

  it("gets and loses rows", () => {
    const more = withRow(TABLE, ["name", "label", "hours"], "lynn");
    expect(more).toBe(`${TABLE}lynn,,\r\n`);
    expect(withoutRow(more, rowsOf(more)[3]!)).toBe(TABLE);
    expect(withoutRow(TABLE, rowsOf(TABLE)[1]!)).toBe("name,label,hours\r\n\r\nsalem,Salem,\r\n");
    expect(withRow("name,label", ["name", "label"], "a")).toBe("name,label\na,\n");
  });
});
