"""A list for people: a table that fits the terminal, or plain lines for a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class TextColumn:
    """One column of a list."""

    name: str
    #: Terminals that are narrower, in characters, do not show it.
    from_width: int = 0
    #: Never broken over lines: an id that people copy.
    whole: bool = False


@dataclass(frozen=True, slots=True)
class TextCell:
    """What stands in one place. A cell of several ``lines`` is joined by ``; `` in a pipe."""

    lines: Sequence[str]
    style: str = ""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Columns and rows; every row has a cell for each column."""

    title: str
    columns: Sequence[TextColumn]
    rows: Sequence[Sequence[TextCell | str]]

    def table(self, width: int) -> Table:
        """The table for a terminal of so many characters."""
        table = Table(
            title=self.title,
            title_justify="left",
            expand=True,
            box=box.HEAVY_HEAD if width >= 120 else box.SIMPLE_HEAD,
            padding=(0, 1) if width >= 120 else (0, 1, 0, 0),
        )
        shown = [at for at, column in enumerate(self.columns) if width >= column.from_width]
        for at in shown:
            table.add_column(self.columns[at].name, no_wrap=self.columns[at].whole)
        for row in self.rows:
            table.add_row(*(_text(row[at]) for at in shown))
        return table

    def lines(self) -> Iterable[str]:
        """One line a row under a line of names, its columns aligned by spaces: for ``less`` and ``grep``."""
        rows = [[column.name for column in self.columns]]
        rows += [["; ".join(_lines(cell)) for cell in row] for row in self.rows]
        widths = [max(len(row[at]) for row in rows) for at in range(len(self.columns))]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def show(listing: TextTable, console: Console | None = None) -> None:
    """Print a list: as a table in a terminal, as plain lines of any length elsewhere."""
    console = console or Console()
    if console.is_terminal:
        console.print(listing.table(console.width))
        return
    for line in listing.lines():
        print(line)


def count_of(count: int, singular: str, plural: str = "") -> str:
    """``1 site``, ``2 sites``, ``0 deliveries``."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def printable(text: str) -> str:
    """A text that others wrote, with nothing in it that a terminal would obey."""
    return "".join(each if each.isprintable() else " " for each in text)


def _lines(cell: TextCell | str) -> Sequence[str]:
    return (printable(cell),) if isinstance(cell, str) else [printable(line) for line in cell.lines]


def _text(cell: TextCell | str) -> Text:
    return Text("\n".join(_lines(cell)), style=cell.style if isinstance(cell, TextCell) else "")
