"""CSV tables that settings name (RFC 4180, UTF-8): rows whose cells know their places.

Each mistake becomes a problem of its own, so that one reading of a table tells everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from config.marks import Form
from config.problems import START, ConfigError, ConfigProblem, Position, shorten, suggest
from config.text_file import read_text

LARGEST_TABLE = 32 * 1024 * 1024

_CELL = re.compile(r'[ \t]*(?:"((?:[^"]|"")*+)"[ \t]*|([^,\r\n]*))(,|\r\n|\r|\n|\Z)')
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
#: How like a known column's name an unknown one must be, to be taken for a slip of the pen.
_SLIP = 0.85


class Cell(NamedTuple):
    """A cell's text without the blanks and quotes around it, and where that text begins."""

    text: str
    place: Position


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table knows."""

    name: str
    #: Makes the value from a text that is not empty; ValueError tells what to write.
    read: Callable[[str], Any]
    #: Whether the table must have this column, and whether each of its cells must be filled.
    present: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; ``values`` lacks what is empty or wrong."""

    cells: Mapping[str, Cell]
    values: Mapping[str, Any]
    #: Texts of the columns that the table does not know.
    others: Mapping[str, str]
    #: Whether every cell is right.
    right: bool
    place: Position


@dataclass(slots=True)
class CsvTable:
    """A table that was read, on its way to whatever is made of it."""

    file: Path
    rows: list[Row] = field(default_factory=list)
    problems: list[ConfigProblem] = field(default_factory=list)
    warnings: list[ConfigProblem] = field(default_factory=list)
    #: The cells of the first line.
    header: list[Cell] = field(default_factory=list)

    def doubtful(self, row: Row, column: str, text: str, offset: int = 0) -> None:
        """Note a warning, as :meth:`wrong` does a problem."""
        cell = row.cells.get(column)
        line, at, _ = cell.place if cell else row.place
        self.warnings.append(ConfigProblem(Position(line, at + offset), column, text))

    def wrong(self, row: Row, column: str, text: str, offset: int = 0) -> None:
        """Note a problem ``offset`` characters into a cell, or at the line's start where it has no such."""
        cell = row.cells.get(column)
        line, at, _ = cell.place if cell else row.place
        self.problems.append(ConfigProblem(Position(line, at + offset), column, text))

    def distinct(self, columns: Sequence[str], what: str) -> None:
        """Note a problem for each row whose values in ``columns`` an earlier row has too."""
        first: dict[tuple[Any, ...], int] = {}
        for row in self.rows:
            key = tuple(row.values.get(name) for name in columns)
            if key[-1] is None:
                continue
            line = first.setdefault(key, row.place.line)
            if line != row.place.line:
                self.wrong(row, columns[-1], f"this {what} is here twice (line {line} too): keep one")

    @property
    def right_rows(self) -> Iterator[Row]:
        """The rows without a mistake of their own."""
        return (row for row in self.rows if row.right)

    def approve(self) -> None:
        """Raise :class:`ConfigError` with every problem, if there is one."""
        if self.problems:
            raise ConfigError(self.file, self.problems)


def read_table(file: Path, columns: Sequence[Column], most_rows: int) -> CsvTable:
    """Read a table whose first line names its columns; :class:`ConfigError` where it cannot be read at all.

    Blocks: about a second for each 100,000 cells.
    """
    table = CsvTable(file)
    lines = _lines(read_text(file, LARGEST_TABLE, "'CSV UTF-8'"), table.problems)
    header = next(lines, None)
    if header is None:
        first = ",".join(column.name for column in columns)
        raise ConfigError(file, [ConfigProblem(START, "", f"the table is empty: begin it with {first}")])
    width = len(header)
    names = _names(header, columns, table.problems)
    table.header = header
    table.approve()
    known = {column.name: column for column in columns}
    for cells in lines:
        if len(table.rows) == most_rows:
            text = f"more than {most_rows} rows: is this the right file?"
            raise ConfigError(file, [*table.problems, ConfigProblem(cells[0].place, "", text)])
        table.rows.append(_row(cells, names, width, known, table.problems))
    if not table.rows:
        raise ConfigError(file, [ConfigProblem(START, "", "the table has a header and no rows: add some")])
    return table


def text_like(kind: Any) -> Callable[[str], str]:
    """A column's ``read`` for one of the annotated text types of :mod:`config.base`."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    form = next(meta for meta in kind.__metadata__ if isinstance(meta, Form))

    def read(text: str) -> str:
        try:
            return adapter.validate_python(text)
        except ValidationError:
            raise ValueError(f"write {form.words}") from None

    return read


def _lines(text: str, problems: list[ConfigProblem]) -> Iterator[list[Cell]]:
    """The cells of each line that holds any text."""
    line, line_start, at, end = 1, 0, 0, ""
    cells: list[Cell] = []
    while True:
        found = _CELL.match(text, at)
        assert found is not None  # noqa: S101 - an empty cell fits everywhere
        quoted, plain, end = found.groups()
        group = 1 if plain is None else 2
        place = Position(line, found.start(group) - line_start + 1)
        if plain is None:
            value = quoted.replace('""', '"').strip()
            for inner in _LINE_END.finditer(quoted):
                line, line_start = line + 1, found.start(1) + inner.end()
        else:
            value = plain.strip()
            if value.startswith('"'):
                what = "a quote that is never closed, or text after the closing quote: write  for a quote"
                problems.append(ConfigProblem(place, "", what))
        if not value.isprintable() and _CONTROL.search(value):
            what = "a line break, tab or control character in a value: write it on one line"
            problems.append(ConfigProblem(place, "", what))
        cells.append(Cell(value, place))
        at = found.end()
        if end != ",":
            if any(cell.text for cell in cells):
                yield cells
            if not end:
                return
            cells = []
            line, line_start = line + 1, at


def _names(header: list[Cell], columns: Sequence[Column], problems: list[ConfigProblem]) -> list[str]:
    """The header's names; spreadsheets leave nameless columns at its end."""
    while not header[-1].text:
        header.pop()
    if len(header) == 1 and (";" in header[0].text or "\t" in header[0].text):
        problems[:] = [ConfigProblem(header[0].place, "", "the columns must be separated by commas")]
        return []
    names: list[str] = []
    known = [column.name for column in columns]
    given = {cell.text for cell in header}
    for cell in header:
        name = cell.text
        if name in names:
            problems.append(
                ConfigProblem(cell.place, "", f'the column "{shorten(name)}" is here twice: keep one')
            )
        elif not _COLUMN_NAME.fullmatch(name):
            what = "name each column with letters, digits and _, such as postal_code"
            problems.append(ConfigProblem(cell.place, "", what))
        elif name not in known:
            absent = [other for other in known if other not in given]
            if close := get_close_matches(name.casefold(), absent, n=1, cutoff=_SLIP):
                what = f'the column "{name}": did you mean "{close[0]}"?'
                problems.append(ConfigProblem(cell.place, "", what))
        names.append(name)
    for column in columns:
        if (column.present or column.filled) and column.name not in given:
            what = f'no column "{column.name}": {suggest(column.name, given, "columns")}'
            problems.append(ConfigProblem(header[0].place, "", what))
    return names


def _row(
    cells: list[Cell],
    names: Sequence[str],
    width: int,
    known: Mapping[str, Column],
    problems: list[ConfigProblem],
) -> Row:
    before = len(problems)
    by_name = dict(zip(names, cells, strict=False))
    if len(cells) != width:
        what = f"{len(cells)} cells where the header has {width}: put a text with commas in quotes"
        problems.append(ConfigProblem(cells[0].place, "", what))
        return Row(by_name, {}, {}, False, cells[0].place)
    nameless = "this column has no name: give it one in the first line"
    problems += [ConfigProblem(cell.place, "", nameless) for cell in cells[len(names) :] if cell.text]
    values: dict[str, Any] = {}
    others: dict[str, str] = {}
    for name, cell in by_name.items():
        column = known.get(name)
        if column is None:
            others[name] = cell.text
        elif cell.text:
            try:
                values[name] = column.read(cell.text)
            except ValueError as error:
                problems.append(ConfigProblem(cell.place, name, str(error)))
        elif column.filled:
            problems.append(ConfigProblem(cell.place, name, "empty: every row needs it"))
    return Row(by_name, values, others, len(problems) == before, cells[0].place)
