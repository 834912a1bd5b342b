"""The router: everything that a decision needs of the settings, built once and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn
from zoneinfo import ZoneInfo

from config.models import Config
from config.problems import ConfigError, ConfigProblem, Loc, write_loc
from config.sections.route import Last, RingStep
from config.sections.speech import Whisper
from routing.contacts import Contact, agent_contact, destination_contact, store_contact
from routing.facts import Wanted
from routing.geography import Geography
from routing.hours import OpeningHours
from routing.index import index_branches
from routing.parts import Parts, RouteSettings
from routing.plan import Actions
from routing.steps import PreparedStep
from routing.stores import StoreIndex
from routing.strategies import StepRule
from routing.tree import RouteNode


@dataclass(frozen=True, slots=True)
class Router:
    """Compiled settings. Immutable: a reload makes another one, and live calls keep their plans."""

    config: Config
    nodes: Mapping[str, RouteNode]
    contacts: Mapping[str, Contact]
    tables: Mapping[str, StoreIndex]
    geography: Geography
    wanted: Wanted
    #: Each site's time zone.
    zones: Mapping[str, ZoneInfo]
    #: Opening hours by name.
    hours: Mapping[str, OpeningHours]
    #: What those are told who take a call in a ring step, by the step's name; missing where it says nothing.
    whispers: Mapping[str, Whisper]
    #: The path of the messages' folder, absolute.
    recordings: str

    def home_of(self, site: str) -> str | None:
        """The country of a site's shoppers, where it has one alone."""
        countries = self.config.sites[site].countries
        return countries[0] if len(set(countries)) == 1 else None

    @classmethod
    def of(cls, config: Config) -> Router:
        """The router of a config that was loaded, or made, without it; ValueError tells a first problem."""
        parts = Parts()
        parts.make(RouteSettings.of_config(config), _Refusal())
        return assemble(config, parts)


class _Refusal:
    """Takes problems of settings that have no file, one at a time."""

    def wrong(self, loc: Loc, text: str) -> NoReturn:
        raise ValueError(f"{write_loc(loc)}: {text}")

    def wrong_within(self, loc: Loc, offset: int, text: str) -> NoReturn:
        raise ValueError(f"{write_loc(loc)}, column {offset + 1}: {text}")

    def doubtful_elsewhere(self, file: Path, warnings: Iterable[ConfigProblem]) -> None:
        """Warnings are for people who check a file."""

    def wrong_elsewhere(self, error: ConfigError, loc: Loc = ()) -> NoReturn:
        raise ValueError(str(error)) from error


def assemble(config: Config, parts: Parts) -> Router:
    """Put the parts of a right config together."""
    contacts = {
        name: destination_contact(name, destination, config, parts.hours, parts.geography)
        for name, destination in config.destinations.items()
    }
    for name, agent in config.agents.items():
        contact = agent_contact(name, agent, parts.hours)
        contacts[contact.name] = contact
    for table_name, table in config.stores.items():
        default = parts.hours[table.hours, None] if table.hours else None
        for store in parts.tables[table_name]:
            hours = parts.store_hours.get((table_name, store.name), default)
            contact = store_contact(table_name, store, table, config, hours)
            contacts[contact.name] = contact
    return Router(
        config=config,
        nodes=_nodes(config, parts),
        contacts=contacts,
        tables=parts.tables,
        geography=parts.geography,
        wanted=Wanted.of(parts.types.used),
        zones={name: ZoneInfo(site.time_zone) for name, site in config.sites.items()},
        hours={name: parts.hours[name, None] for name in config.hours},
        whispers={
            step_name(name, number): step.whisper
            for name, route in config.routes.items()
            for number, step in enumerate(route.steps or ())
            if step.whisper is not None
        },
        recordings=str(config.server.recordings.absolute()),
    )


def _nodes(config: Config, parts: Parts) -> dict[str, RouteNode]:
    """Every route, compiled from the roots down: branches inherit."""
    branches = {name for route in config.routes.values() for name in route.branches}
    nodes: dict[str, RouteNode] = {}
    for name in config.routes:
        if name not in branches:
            _node(config, parts, name, _Inherited(), nodes)
    return nodes


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What a route passes on to its branches."""

    steps: tuple[PreparedStep, ...] = ()
    last: Last | None = None
    queue: str | None = None
    dial_business: Literal["at_once", "after_greeting"] = "at_once"
    early_media: bool = False
    on_loss: Literal["end", "redial"] = "end"


def _node(
    config: Config, parts: Parts, name: str, parent: _Inherited, nodes: dict[str, RouteNode]
) -> RouteNode:
    route = config.routes[name]
    passed = _Inherited(
        steps=parent.steps if route.steps is None else tuple(_steps(name, route.steps)),
        last=route.last or parent.last,
        queue=route.queue or parent.queue,
        dial_business=route.dial_business or parent.dial_business,
        early_media=parent.early_media if route.early_media is None else route.early_media,
        on_loss=route.on_loss or parent.on_loss,
    )
    below = tuple(_node(config, parts, branch, passed, nodes) for branch in route.branches)
    nodes[name] = RouteNode(
        name=name,
        condition=parts.conditions.get(name),
        hours=parts.hours[route.hours, None] if route.hours else None,
        branches=below,
        index=index_branches([node.condition.hints if node.condition else () for node in below]),
        goes_on=route.continue_,
        steps=passed.steps,
        last=passed.last,
        queue=passed.queue,
        takes=bool(passed.steps) or route.last is not None,
        dial_business=passed.dial_business,
        early_media=passed.early_media,
        on_loss=passed.on_loss,
    )
    return nodes[name]


def step_name(route_name: str, number: int) -> str:
    """What a ring step is called; ``number`` counts from 0."""
    return f"{route_name}.steps[{number}]"


def _steps(route_name: str, steps: Iterable[RingStep]) -> Iterator[PreparedStep]:
    for number, step in enumerate(steps):
        rule = StepRule(
            name=step_name(route_name, number),
            strategy=step.strategy,
            timeout=step.timeout,
            limit=step.limit,
            max_distance_km=step.max_distance_km,
            actions=Actions(
                busy=step.on_busy,
                declined=step.on_declined,
                unreachable=step.on_unreachable,
                no_answer=step.on_no_answer,
            ),
        )
        yield PreparedStep(rule, step.destinations, step.delay)
