"""Files beside the settings that operators edit with them: tables of stores, and answers.

Pure, but for looking which of them there are.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from changes.records import Texts
from changes.words import ChangeSentence, in_words
from config.editing.apply import read_text_source
from config.editing.data import Data, data_of
from config.editing.spans import UnreadableError
from config.models import Config
from config.problems import shorten
from config.source import LARGEST_FILE


@dataclass(frozen=True, slots=True)
class BesideFile:
    """A file beside the settings, and the item that names it: of ``stores``, or the site of ``answers``."""

    path: Path
    section: Literal["stores", "answers"]
    item: str


def beside_files(main: Path, config: Config) -> dict[str, BesideFile]:
    """Those in the config file's folder or below, by their paths from there, but for too large ones."""
    found: dict[str, BesideFile] = {}
    for name, table in config.stores.items():
        _note(found, main, BesideFile(table.file, "stores", name))
    for name, site in config.sites.items():
        if site.answers is not None:
            _note(found, main, BesideFile(site.answers.file, "answers", name))
    return found


def _note(found: dict[str, BesideFile], main: Path, file: BesideFile) -> None:
    path = main.parent / file.path
    name = Path(os.path.relpath(path, main.parent)).as_posix()
    if not name.startswith("..") and path.is_file() and path.stat().st_size <= LARGEST_FILE:
        found.setdefault(name, BesideFile(path, file.section, file.item))


def beside_words(
    beside: Mapping[str, BesideFile], before: Texts, after: Texts
) -> Iterator[tuple[str, ChangeSentence]]:
    """What changes in these files, each sentence with its section."""
    for name, text in after.items():
        file = beside.get(name)
        if file is None or text == before.get(name, text):
            continue
        told = list(_table(file.item, before[name], text) if file.section == "stores" else
                    _answers(file.item, before[name], text))  # fmt: skip
        if not told:
            told = [_sentence(file, f"{name} is written in another way.")]
        yield from ((file.section, sentence) for sentence in told)


def _sentence(file: BesideFile, text: str) -> ChangeSentence:
    return ChangeSentence("changed", (file.section, file.item), text)


def _table(table: str, before: str, after: str) -> Iterator[ChangeSentence]:
    olds, news = _rows(before), _rows(after)
    subject = f"Store table {table}"
    for name in olds:
        if name not in news:
            yield ChangeSentence("removed", ("stores", table), f"{subject}: {shorten(name)} is removed.")
    for name, row in news.items():
        if name not in olds:
            yield ChangeSentence("added", ("stores", table), f"{subject}: {shorten(name)} is new.")
            continue
        for column in dict.fromkeys([*olds[name], *row]):
            was, now = olds[name].get(column) or "nothing", row.get(column) or "nothing"
            if was != now:
                yield ChangeSentence(
                    "changed",
                    ("stores", table),
                    f"{subject}: {column} of {shorten(name)} is {shorten(now)} instead of {shorten(was)}.",
                )


def _rows(text: str) -> dict[str, dict[str, str]]:
    """The rows by their names; those that have none, or not as many cells, as far as they go."""
    try:
        rows = list(csv.reader(io.StringIO(text), skipinitialspace=True))
    except csv.Error:
        return {}
    if not rows:
        return {}
    columns = [cell.strip() for cell in rows[0]]
    named = (dict(zip(columns, (cell.strip() for cell in row), strict=False)) for row in rows[1:] if any(row))
    return {row.get("name", ""): row for row in named}


def _answers(site: str, before: str, after: str) -> Iterator[ChangeSentence]:
    try:
        old, new = _tree(before), _tree(after)
    except UnreadableError:
        return
    for each in in_words(old, new):
        yield ChangeSentence(each.kind, ("answers", site), each.text)


def _tree(text: str) -> dict[str, Data]:
    found = data_of(read_text_source(text, Path("answers.yaml")).root)
    return found if isinstance(found, dict) else {}
