"""What the settings of routes are made into, once a config is loaded, and what is found wrong with them.

Everything that can fail is here; :mod:`routing.router` only puts the parts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Protocol

from config.draft import Draft
from config.models import Config
from config.problems import ConfigError, ConfigProblem, Loc, suggest
from config.sections.agents import Agent
from config.sections.callbacks import CallbackTerms
from config.sections.destinations import Destination
from config.sections.geo import Geo
from config.sections.hours import Hours
from config.sections.mailboxes import Mailbox
from config.sections.route import Route
from config.sections.stores import StoreTable
from config.sections.trunks import Trunk
from config.stores import Flaw, Store
from expressions.conditions import Condition, compile_condition, try_out
from expressions.syntax import ConditionError
from expressions.type_check import TypeCheck
from routing.doubts_of_hours_text import doubts
from routing.doubts_of_stores import doubt_store
from routing.geography import Geography
from routing.hours import HoursError, OpeningHours
from routing.hours_text import known_zones
from routing.public_holidays import knows_region
from routing.stores import StoreIndex
from routing.vocabulary import ROUTE_NAMES

MOST_CALLS, MOST_WEIGHT = 1_000_000, 1_000_000


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """The settings that parts are made of; in a draft, those that are valid by themselves."""

    routes: Mapping[str, Route]
    hours: Mapping[str, Hours]
    stores: Mapping[str, StoreTable]
    destinations: Mapping[str, Destination]
    agents: Mapping[str, Agent]
    callbacks: Mapping[str, CallbackTerms]
    mailboxes: Mapping[str, Mailbox]
    trunks: Mapping[str, Trunk]
    geo: Geo | None

    @classmethod
    def of_config(cls, config: Config) -> RouteSettings:
        """Those of a config that was loaded."""
        return cls(**{each.name: getattr(config, each.name) for each in fields(cls)})

    @classmethod
    def of_draft(cls, draft: Draft) -> RouteSettings:
        """Those of a draft."""
        return cls(
            routes=draft.items(Route),
            hours=draft.items(Hours),
            stores=draft.items(StoreTable),
            destinations=draft.items(Destination),
            agents=draft.items(Agent),
            callbacks=draft.items(CallbackTerms),
            mailboxes=draft.items(Mailbox),
            trunks=draft.items(Trunk),
            geo=draft.section(Geo),
        )


class Findings(Protocol):
    """Where problems go; a :class:`config.draft.Draft` knows their places in the file."""

    def wrong(self, loc: Loc, text: str) -> None:
        """Note a problem."""

    def wrong_within(self, loc: Loc, offset: int, text: str) -> None:
        """Note a problem so many characters into the text at ``loc``."""

    def wrong_elsewhere(self, error: ConfigError, loc: Loc = ()) -> None:
        """Note what is wrong with a table that the setting at ``loc`` names."""

    def doubtful_elsewhere(self, file: Path, warnings: Iterable[ConfigProblem]) -> None:
        """Note what is doubtful about a table that the settings name."""


@dataclass
class Parts:
    """The parts, by their names. What was wrong is missing, and told."""

    types: TypeCheck = field(default_factory=lambda: TypeCheck(ROUTE_NAMES))
    conditions: dict[str, Condition] = field(default_factory=dict)
    #: By name, and the time zone that somebody who uses them has in place of their own.
    hours: dict[tuple[str, str | None], OpeningHours] = field(default_factory=dict)
    tables: dict[str, StoreIndex] = field(default_factory=dict)
    #: Of the rows that tell their own hours or time zone.
    store_hours: dict[tuple[str, str], OpeningHours] = field(default_factory=dict)
    geography: Geography = field(default_factory=lambda: Geography.load(geocoding=False))

    def make(self, settings: RouteSettings, findings: Findings) -> None:
        """Make all parts. Blocks: a second for a table of 10,000 stores, another for geography."""
        self._make_conditions(settings, findings)
        self._make_hours(settings, findings)
        self._make_tables(settings, findings)
        self._check_rows(settings, findings)
        self._make_geography(settings, findings)

    def _make_conditions(self, settings: RouteSettings, findings: Findings) -> None:
        for name, route in settings.routes.items():
            if route.when is None:
                continue
            loc: Loc = ("routes", name, "when")
            try:
                self.conditions[name] = compile_condition(route.when, self.types, f"routes.{name}")
            except ConditionError as error:
                findings.wrong_within(loc, error.offset, error.text)
        for name, condition in self.conditions.items():
            try:
                try_out(condition, self.types)
            except ConditionError as error:
                findings.wrong_within(("routes", name, "when"), error.offset, error.text)

    def _make_hours(self, settings: RouteSettings, findings: Findings) -> None:
        for name, hours in settings.hours.items():
            try:
                self.hours[name, None] = _opening_hours(hours, hours.time_zone)
            except HoursError as error:
                where = "opening_hours" if error.where == ("text",) else error.where
                loc = ("hours", name, *([where] if isinstance(where, str) else where))
                findings.wrong_within(loc, error.column - 1, error.message)
        for name, terms in settings.callbacks.items():
            try:
                # Told in the zone of each shopper; nobody says which public holidays they have.
                OpeningHours(terms.daytime, "UTC")
            except HoursError as error:
                findings.wrong_within(("callbacks", name, "daytime"), error.column - 1, error.message)
        zones = known_zones()
        for loc, zone, named in _with_zones(settings):
            if zone not in zones:
                findings.wrong(
                    (*loc, "time_zone"), f"no such time zone: {suggest(zone, zones, 'time zones')}"
                )
                continue
            for told in named:
                if told and (told, None) in self.hours:
                    self.hours[told, zone] = _opening_hours(settings.hours[told], zone)

    def _make_tables(self, settings: RouteSettings, findings: Findings) -> None:
        for name, table in settings.stores.items():
            warnings: list[ConfigProblem] = []
            try:
                self.tables[name] = StoreIndex.load(
                    table.file, partial(self._row, settings, name, table), warnings
                )
                findings.doubtful_elsewhere(table.file, warnings)
            except ConfigError as error:
                if table.file.is_file():
                    findings.wrong_elsewhere(error, ("stores", name, "file"))
                else:
                    findings.wrong(("stores", name, "file"), f"no such file: {table.file}")

    def _row(self, settings: RouteSettings, name: str, table: StoreTable, store: Store) -> Iterator[Flaw]:
        """What is wrong with a row that its table cannot know; its opening hours are made on the way."""
        if store.trunk and store.trunk not in settings.trunks:
            yield Flaw("trunk", f"no such trunk: {suggest(store.trunk, settings.trunks, 'trunks')}")
        elif store.number and not (store.trunk or table.trunk):
            yield Flaw("number", 'a number needs a trunk: add a column "trunk", or "trunk" to the table')
        if store.find_me and not (store.trunk or table.trunk):
            yield Flaw("find_me", 'numbers need a trunk: add a column "trunk", or "trunk" to the table')
        if store.mailbox and store.mailbox not in settings.mailboxes:
            tip = suggest(store.mailbox, settings.mailboxes, "mailboxes")
            yield Flaw("mailbox", f"no such mailbox: {tip}")
        for column, least, most in (("max_calls", 1, MOST_CALLS), ("weight", 0, MOST_WEIGHT)):
            text = store.attributes.get(column)
            if text and not (text.isascii() and text.isdigit() and least <= int(text) <= most):
                yield Flaw(column, f"write a whole number from {least} to {most}, or nothing")
        yield from doubt_store(store)
        default = settings.hours.get(table.hours or "")
        if not store.hours and not (default and (store.time_zone or store.region)):
            return
        try:
            if store.hours:
                zone = store.time_zone or (default.time_zone if default else "UTC")
                region = store.region if knows_region(store.country, store.region) else None
                made = OpeningHours(store.hours, zone, store.country, region)
                for at, text in doubts(store.hours, store.country, region):
                    yield Flaw("hours", text, at if isinstance(at, int) else 0, doubtful=True)
            else:
                assert default is not None  # noqa: S101 - checked above
                made = _opening_hours(default, store.time_zone or default.time_zone, store)
            self.store_hours[name, store.name] = made
        except HoursError as error:
            if store.hours:  # else the hours' own problem, which has been told
                yield Flaw("hours", error.message, error.column - 1)

    def _check_rows(self, settings: RouteSettings, findings: Findings) -> None:
        for name, route in settings.routes.items():
            for number, step in enumerate(route.steps or ()):
                for index, destination in enumerate(step.destinations):
                    table, slash, row = destination.partition("/")
                    stores = self.tables.get(table)
                    if slash and stores is not None and stores.get(row) is None:
                        tip = suggest(row, (store.name for store in stores), "rows")
                        loc: Loc = ("routes", name, "steps", number, "destinations", index)
                        findings.wrong(loc, f'the table {table} has no row called "{row}": {tip}')

    def _make_geography(self, settings: RouteSettings, findings: Findings) -> None:
        geo = settings.geo
        if geo is None:
            return
        missing = [
            (key, path)
            for key, path in (
                ("database", geo.database),
                ("prefixes", geo.prefixes),
                ("postal_codes", geo.postal_codes),
            )
            if path is not None and not path.is_file()
        ]
        for key, path in missing:
            findings.wrong(("geo", key), f"no such file: {path}")
        if missing:
            return
        try:
            self.geography = Geography.load(
                stores=self.tables.values(),
                prefixes=geo.prefixes,
                postal_codes=geo.postal_codes,
                ip_database=geo.database,
                order=geo.order,
                geocoding=self._asks_place(settings),
            )
        except* ConfigError as group:
            for error in group.exceptions:
                if isinstance(error, ConfigError):
                    findings.wrong_elsewhere(error)

    def _asks_place(self, settings: RouteSettings) -> bool:
        """Whether any route wants to know where the shopper is."""
        return any(path[0] == "geo" for path in self.types.used) or any(
            step.strategy == "nearest" for route in settings.routes.values() for step in route.steps or ()
        )


def _with_zones(settings: RouteSettings) -> Iterator[tuple[Loc, str, tuple[str | None, ...]]]:
    """Somebody with a time zone of their own: where it stands, and the hours that are told in it."""
    for name, destination in settings.destinations.items():
        if destination.time_zone is not None:
            named = (destination.hours, *(place.hours for place in destination.find_me))
            yield ("destinations", name), destination.time_zone, named
    for name, agent in settings.agents.items():
        if agent.time_zone is not None:
            yield ("agents", name), agent.time_zone, (agent.hours,)


def _opening_hours(hours: Hours, zone: str, store: Store | None = None) -> OpeningHours:
    """The hours in a zone; a store of their country keeps the holidays of its own region."""
    region = hours.region
    if (
        store
        and region is None
        and store.country == hours.country
        and knows_region(store.country, store.region)
    ):
        region = store.region
    return OpeningHours(hours.opening_hours, zone, hours.country, region, hours.holidays, hours.exceptions)
