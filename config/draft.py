"""A file on its way to a Config: the tree, which parts of it are valid, and what was found so far.

Rules that look across settings run on the valid parts even when others are wrong, so that one reading of
the file tells everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from config.problems import ConfigError, ConfigProblem, Loc, shorten, suggest, write_loc
from config.shape import Shape
from config.source import Source

M = TypeVar("M", bound=BaseModel)


class Called(NamedTuple):
    """What messages call the items of a section."""

    one: str
    many: str


@dataclass
class Draft:
    """What the rules see, and where they put what they find."""

    source: Source
    #: JSON-like data as the models take it. Holds secrets: never print it.
    tree: dict[str, Any]
    #: Where the models found errors.
    failed: Iterable[Loc]
    #: The sections that there may be, by name.
    shapes: Mapping[str, Shape]
    #: What one item of a section is called, and several.
    called: Mapping[str, Called]
    problems: list[ConfigProblem] = field(default_factory=list)
    warnings: list[ConfigProblem] = field(default_factory=list)
    #: Warnings of items that no setting names, by section and name: a row of a table may still.
    unused: dict[tuple[str, str], ConfigProblem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bad = {loc[:length] for loc in self.failed for length in (1, 2)}
        self._names = {
            shape.item.model if shape.item else shape.model: name for name, shape in self.shapes.items()
        }
        self._made: dict[type[BaseModel], Any] = {}

    def items(self, model: type[M]) -> dict[str, M]:
        """The items of the section that holds this model by name: those that are valid by themselves."""
        if model not in self._made:
            section = self._names[model]
            self._made[model] = {
                name: model.model_validate_json(json.dumps(item))
                for name, item in self.named(section).items()
                if (section, name) not in self._bad
            }
        found: dict[str, M] = self._made[model]
        return found

    def section(self, model: type[M]) -> M | None:
        """The section that is this model; None where it is not valid, or missing and without defaults."""
        if model not in self._made:
            name = self._names[model]
            tree = self.tree.get(name)
            missing = tree is None and self.shapes[name].nullable
            bad = (name,) in self._bad or missing
            self._made[model] = None if bad else model.model_validate_json(json.dumps(tree or {}))
        found: M | None = self._made[model]
        return found

    def named(self, section: str) -> dict[str, Any]:
        """A section's items as they stand in the tree, valid or not."""
        items = self.tree.get(section)
        return items if isinstance(items, dict) else {}

    def at(self, pattern: Loc) -> Iterator[tuple[Loc, str]]:
        """Every text at the places that ``pattern`` names; ``*`` stands for each key or index."""
        yield from _texts(self.tree, pattern, ())

    def must_exist(self, loc: Loc, name: str, section: str) -> bool:
        """Note a problem at ``loc`` unless the section has an item of this name; whether it has."""
        items = self.named(section)
        if name not in items:
            one, many = self.called[section]
            self.wrong(loc, f'there is no {one} called "{shorten(name)}": {suggest(name, items, many)}')
        return name in items

    def wrong(self, loc: Loc, text: str) -> None:
        """Note a problem."""
        self.problems.append(self._problem(loc, text))

    def wrong_within(self, loc: Loc, offset: int, text: str) -> None:
        """Note a problem so many characters into the text at ``loc``."""
        self.problems.append(ConfigProblem(self.source.place_within(loc, offset), write_loc(loc), text))

    def wrong_elsewhere(self, error: ConfigError, loc: Loc = ()) -> None:
        """Note what is wrong with a table that the setting at ``loc`` names."""
        part = self.source.place(loc).file
        self.problems += [replace(problem, file=str(error.file), part=part) for problem in error.problems]

    def doubtful_elsewhere(self, file: Path, warnings: Iterable[ConfigProblem]) -> None:
        """Note what is doubtful about a table that the settings name."""
        self.warnings += [replace(warning, file=str(file)) for warning in warnings]

    def doubtful(self, loc: Loc, text: str) -> None:
        """Note a warning."""
        self.warnings.append(self._problem(loc, text))

    def doubtful_within(self, loc: Loc, offset: int, text: str) -> None:
        """Note a warning so many characters into the text at ``loc``."""
        self.warnings.append(ConfigProblem(self.source.place_within(loc, offset), write_loc(loc), text))

    def idle(self, section: str, name: str, text: str) -> None:
        """Note that nothing uses an item."""
        self.unused[section, name] = self._problem((section, name), text)

    def used(self, section: str, names: Iterable[str | None]) -> None:
        """Take back that nothing uses these items."""
        for name in names:
            self.unused.pop((section, name or ""), None)

    def written(self, *locs: Loc) -> Loc:
        """The first of ``locs`` that the file has; the last one where it has none."""
        return next((loc for loc in locs if self.source.find(loc)), locs[-1])

    def _problem(self, loc: Loc, text: str) -> ConfigProblem:
        return ConfigProblem(self.source.value_place(loc), write_loc(loc), text)


def _texts(tree: Any, pattern: Loc, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if not pattern:
        if isinstance(tree, str):
            yield loc, tree
        return
    step, rest = pattern[0], pattern[1:]
    if step == "*":
        branches: Iterable[tuple[str | int, Any]] = ()
        if isinstance(tree, dict):
            branches = tree.items()
        elif isinstance(tree, list):
            branches = enumerate(tree)
        for key, branch in branches:
            yield from _texts(branch, rest, (*loc, key))
    elif isinstance(tree, dict) and step in tree:
        yield from _texts(tree[step], rest, (*loc, step))
