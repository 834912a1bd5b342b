/** A table as text, and where each of its cells stands in it: an edit replaces one cell, and nothing else. Pure. */

export interface Cell {
  readonly text: string;
  /** Characters of the text that the cell takes, with its quotes. */
  readonly start: number;
  readonly end: number;
  /** Where the server says that it is: from 1. */
  readonly line: number;
  readonly column: number;
}

export type Row = readonly Cell[];

const CELL = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^,\r\n]*))(,|\r\n|\r|\n|$)/y;

/** The rows that hold any text, the names of the columns first. */
export function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let [cells, line, lineStart]: [Cell[], number, number] = [[], 1, 0];
  CELL.lastIndex = 0;
  for (;;) {
    const from = CELL.lastIndex;
    const found = CELL.exec(text);
    if (!found) return rows;
    const [whole, quoted, plain, end = ""] = found;
    const blanks = /^[ \t]*/.exec(whole)?.[0].length ?? 0;
    const start = from + blanks;
    const value = quoted === undefined ? (plain ?? "").trim() : quoted.replaceAll('""', '"').trim();
    const column = start - lineStart + 1 + (quoted === undefined ? 0 : 1);
    const length = quoted === undefined ? (plain ?? "").trim().length : quoted.length + 2;
    cells.push({ text: value, start, end: start + length, line, column });
    for (const inner of (quoted ?? "").matchAll(/\r\n|\r|\n/g)) {
      line += 1;
      lineStart = start + 1 + inner.index + inner[0].length;
    }
    if (end === ",") continue;
    if (cells.some((cell) => cell.text !== "")) rows.push(cells);
    if (end === "") return rows;
    [cells, line, lineStart] = [[], line + 1, CELL.lastIndex];
  }
}

/** The text with another value in a cell. */
export const withCell = (text: string, cell: Cell, value: string): string =>
  text.slice(0, cell.start) + written(value) + text.slice(cell.end);

/** The text with one more row at its end: its name, and nothing else. */
export function withRow(text: string, columns: readonly string[], name: string): string {
  const newline = /\r\n|\r|\n/.exec(text)?.[0] ?? "\n";
  const cells = columns.map((column) => (column === "name" ? written(name) : ""));
  const before = text === "" || /[\r\n]$/.test(text) ? text : text + newline;
  return before + cells.join(",") + newline;
}

/** The text without the lines of a row. */
export function withoutRow(text: string, row: Row): string {
  const [first, last] = [row[0], row.at(-1)];
  if (!first || !last) return text;
  const start =
    Math.max(text.lastIndexOf("\n", first.start - 1), text.lastIndexOf("\r", first.start - 1)) + 1;
  const rest = text.slice(last.end);
  return text.slice(0, start) + rest.replace(/^(\r\n|\r|\n)/, "");
}

function written(value: string): string {
  const line = value.replaceAll(/\s*[\r\n]+\s*/g, " ").trim();
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
