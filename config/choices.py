"""Tables of choices, such as vehicles by make and model: CSV files for the questions of flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.problems import suggest
from config.tables import read_table

#: The most rows of such a table, and the most characters of a cell.
MOST_ROWS = 50_000
LONGEST_CELL = 80


@dataclass(frozen=True, slots=True)
class ChoiceTable:
    """A table as it was read: its columns, and each row's cells by column; an empty cell offers nothing."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    def column_problem(self, column: str) -> str | None:
        """Why there is no such column; None where there is one."""
        if column in self.columns:
            return None
        return f'the table has no column "{column}": {suggest(column, self.columns, "columns")}'


def read_choices(file: Path) -> ChoiceTable:
    """Read a table whose first line names its columns; :class:`~config.problems.ConfigError`.

    Blocks: about half a second for the most rows of five columns.
    """
    table = read_table(file, (), MOST_ROWS)
    for row in table.rows:
        for name, cell in row.cells.items():
            if len(cell.text) > LONGEST_CELL:
                table.wrong(row, name, f"longer than {LONGEST_CELL} characters: write a shorter choice")
    table.approve()
    return ChoiceTable(
        tuple(cell.text for cell in table.header), tuple(dict(row.others) for row in table.rows if row.right)
    )
