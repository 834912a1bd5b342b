"""From a click and the settings to the plan of a call, and the way there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.models import Config, Site
from routing.contacts import Contact, number_uri
from routing.directory import Directory
from routing.facts import Facts, facts_of
from routing.geography import Located
from routing.headers import fill
from routing.places import Place
from routing.plan import CallPlan, ClickToCall, PlannedStep, Prompt, SipEndpoint
from routing.router import Router
from routing.steps import Surroundings, arrange
from routing.strategies import Arranged
from routing.tones import RINGBACK
from routing.tree import RouteNode, Tried, match


@dataclass(frozen=True, slots=True)
class Stage:
    """One entry into the tree: at the site's route, or at an ``otherwise``."""

    root: RouteNode
    trail: tuple[Tried, ...]
    #: The routes that take the call here; none where the root does not match.
    taken: tuple[RouteNode, ...]
    #: Their ring steps, each with whom it rings and whom not, and why.
    steps: tuple[Arranged, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan of one call, and how it came about."""

    plan: CallPlan
    click: ClickToCall
    now: datetime
    facts: Facts
    #: Where the shopper is; None where no route wanted to know.
    located: Located | None
    stages: tuple[Stage, ...]


def plan_call(
    click: ClickToCall, router: Router, call_id: str, directory: Directory, now: datetime, pick: float
) -> Decision:
    """Decide everything about one call. Pure: the same arguments give the same decision.

    ``click.site`` names a site of the router's config; ``now`` is aware, in any zone; ``pick``, from 0 up to
    1, is the one draw of luck. A plan without steps says that nobody can be rung now.
    """
    site = router.config.sites[click.site]
    here = now.astimezone(router.zones[click.site])
    located: list[Located] = []

    def place() -> Place:
        if not located:
            located.append(router.geography.place(click))
        return located[0].place

    facts = facts_of(router.wanted, click, place, here)
    around = Surroundings(router.contacts, router.tables, directory, here, place, pick)
    stages = _stages(router, site.route, facts, around)
    steps = _planned(stages, _endpoints(click, router, site, call_id))
    taken = next((stage.taken[0] for stage in stages if stage.taken), stages[0].root)
    return Decision(
        _plan(click, router.config, site, taken, steps), click, here, facts, next(iter(located), None), stages
    )


def _stages(router: Router, root_name: str, facts: Facts, around: Surroundings) -> tuple[Stage, ...]:
    """The site's route, and what takes over when its steps are exhausted; the config has no circles."""
    stages: list[Stage] = []
    seen: set[str] = set()
    entry: str | None = root_name
    while entry is not None:
        root, trail = router.nodes[entry], list[Tried]()
        taken = match(root, facts, around.now, trail)
        steps = []
        for route in taken:
            for step in route.steps:
                # Two branches may inherit the same steps: they ring once a call.
                if step.rule.name not in seen:
                    seen.add(step.rule.name)
                    steps.append(arrange(step, around))
        stages.append(Stage(root, tuple(trail), tuple(taken), tuple(steps)))
        entry = next((route.otherwise for route in reversed(taken) if route.otherwise), None)
        if not taken:
            entry = root.otherwise
    return tuple(stages)


def _planned(
    stages: tuple[Stage, ...], endpoint: Callable[[str, int], SipEndpoint]
) -> tuple[PlannedStep, ...]:
    found = (step.planned(endpoint) for stage in stages for step in stage.steps)
    return tuple(step for step in found if step is not None)


def _plan(
    click: ClickToCall, config: Config, site: Site, route: RouteNode, steps: tuple[PlannedStep, ...]
) -> CallPlan:
    trunk = config.trunks[site.trunk]
    return CallPlan(
        site=click.site,
        route=route.name,
        shopper=SipEndpoint(
            destination="shopper",
            label="Shopper",
            uri=number_uri(click.number, trunk),
            trunk=site.trunk,
            caller_number=site.caller_id.number,
            caller_name=site.caller_id.name,
            media_timeout=site.media_timeout,
        ),
        shopper_timeout=site.ring_timeout,
        greeting=_prompt(config, site.greeting),
        ringback=_prompt(config, site.music) or RINGBACK[site.ringback],
        steps=steps,
        max_duration=site.max_duration,
        dial_business=route.dial_business,
        early_media=route.early_media,
        on_loss=route.on_loss,
    )


def _endpoints(
    click: ClickToCall, router: Router, site: Site, call_id: str
) -> Callable[[str, int], SipEndpoint]:
    def endpoint(name: str, number: int) -> SipEndpoint:
        contact: Contact = router.contacts[name]
        phone = contact.phones[number]
        shopper = contact.show == "shopper"
        return SipEndpoint(
            destination=name,
            label=contact.label,
            uri=phone.uri,
            trunk=phone.trunk,
            caller_number=click.number if shopper else site.caller_id.number,
            caller_name=None if shopper else site.caller_id.name,
            headers=tuple((header, fill(text, click, call_id)) for header, text in contact.headers),
            media_timeout=site.media_timeout,
        )

    return endpoint


def _prompt(config: Config, name: str | None) -> Prompt | None:
    return None if name is None else Prompt(name, str(config.prompts[name]))
