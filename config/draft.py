"""A file on its way to a Config: the tree, which parts of it are valid, and what was found so far.

Rules that look across settings run on the valid parts even when others are wrong, so that one reading of
the file tells everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from config.asterisk import Asterisk
from config.browsers import Agent, WebRtc
from config.customers import Customer
from config.desk import Desk
from config.endings import CallbackTerms, Mail, Mailbox, Queue
from config.models import Media, Server, Sip, Site, Trunk
from config.problems import ConfigError, Loc, Problem, write_loc
from config.routes import Destination, Geo, Hours, Route, StoreTable
from config.source import Source

Part = TypeVar("Part", bound=BaseModel)


@dataclass
class Draft:
    """What the rules see, and where they put what they find."""

    source: Source
    #: JSON-like data as the models take it. Holds secrets: never print it.
    tree: dict[str, Any]
    #: Where the models found errors.
    failed: Iterable[Loc]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    #: Warnings of items that no setting names, by section and name: a row of a table may still.
    unused: dict[tuple[str, str], Problem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bad = {loc[:length] for loc in self.failed for length in (1, 2)}
        #: The sections that are valid by themselves, and the items of the named ones that are.
        self.server = self._section("server", Server)
        self.sip = self._section("sip", Sip)
        self.media = self._section("media", Media)
        self.trunks = dict(self._items("trunks", Trunk))
        self.sites = dict(self._items("sites", Site))
        self.customers = dict(self._items("customers", Customer))
        self.destinations = dict(self._items("destinations", Destination))
        self.routes = dict(self._items("routes", Route))
        self.hours = dict(self._items("hours", Hours))
        self.stores = dict(self._items("stores", StoreTable))
        self.geo = self._section("geo", Geo)
        self.mailboxes = dict(self._items("mailboxes", Mailbox))
        self.callbacks = dict(self._items("callbacks", CallbackTerms))
        self.queues = dict(self._items("queues", Queue))
        self.webrtc = self._section("webrtc", WebRtc)
        self.agents = dict(self._items("agents", Agent))
        self.asterisk = dict(self._items("asterisk", Asterisk))
        self.desk = self._section("desk", Desk)
        self.mail = self._section("mail", Mail) if self.tree.get("mail") is not None else None

    def named(self, section: str) -> dict[str, Any]:
        """A section's items as they stand in the tree, valid or not."""
        items = self.tree.get(section)
        return items if isinstance(items, dict) else {}

    def at(self, pattern: Loc) -> Iterator[tuple[Loc, str]]:
        """Every text at the places that ``pattern`` names; ``*`` stands for each key or index."""
        yield from _texts(self.tree, pattern, ())

    def wrong(self, loc: Loc, text: str) -> None:
        """Note a problem."""
        self.problems.append(self._problem(loc, text))

    def wrong_within(self, loc: Loc, offset: int, text: str) -> None:
        """Note a problem so many characters into the text at ``loc``."""
        self.problems.append(Problem(self.source.place_within(loc, offset), write_loc(loc), text))

    def wrong_elsewhere(self, error: ConfigError, loc: Loc = ()) -> None:
        """Note what is wrong with a table that the setting at ``loc`` names."""
        part = self.source.place(loc).file
        self.problems += [replace(problem, file=str(error.file), part=part) for problem in error.problems]

    def doubtful_elsewhere(self, file: Path, warnings: Iterable[Problem]) -> None:
        """Note what is doubtful about a table that the settings name."""
        self.warnings += [replace(warning, file=str(file)) for warning in warnings]

    def doubtful(self, loc: Loc, text: str) -> None:
        """Note a warning."""
        self.warnings.append(self._problem(loc, text))

    def doubtful_within(self, loc: Loc, offset: int, text: str) -> None:
        """Note a warning so many characters into the text at ``loc``."""
        self.warnings.append(Problem(self.source.place_within(loc, offset), write_loc(loc), text))

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

    def _problem(self, loc: Loc, text: str) -> Problem:
        return Problem(self.source.value_place(loc), write_loc(loc), text)

    def _section(self, name: str, model: type[Part]) -> Part | None:
        if (name,) in self._bad:
            return None
        return model.model_validate_json(json.dumps(self.tree.get(name, {})))

    def _items(self, section: str, model: type[Part]) -> Iterator[tuple[str, Part]]:
        for name, item in self.named(section).items():
            if (section, name) not in self._bad:
                yield name, model.model_validate_json(json.dumps(item))


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
