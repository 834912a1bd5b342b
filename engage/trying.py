"""Tries the rules of a site with a page that an operator makes up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from config.sections.page import ContactWay
from engage.availability import Availability, WayNow, WayState
from engage.caps import day_of
from engage.decide import PageAsker
from engage.decision import EngageDecision, HeldReason
from engage.explain import RuleAccount, explain_decision
from engage.facts import PageTold, facts_of
from engage.memory import InvitationAnswer, Tally, VisitorMemory
from engage.rules import SiteRules
from engage.trial import tried_facts
from engage.vocabulary import engage_names
from routing.clicks import try_click
from routing.expectations import with_busy
from routing.plan import ClickToCall
from routing.reachable import reach
from routing.router import Router


@dataclass(frozen=True, slots=True)
class MadeUpPage:
    """A page with its shopper, as far as the operator says; ``answered`` has seconds since the epoch."""

    site: str | None
    page: str = "/"
    #: Facts by name, as texts.
    facts: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    device: str = "desktop"
    #: The visitor's id; empty: no consent.
    visitor: str = ""
    hold: frozenset[HeldReason] = frozenset()
    untouched: bool = False
    answered: Mapping[InvitationAnswer, float] = field(default_factory=dict)
    #: Invitations of this visit, of today, and on other shoppers' screens.
    in_visit: int = 0
    in_day: int = 0
    open_invitations: int = 0


def try_page(
    router: Router, made_up: MadeUpPage, now: datetime
) -> tuple[EngageDecision, tuple[RuleAccount, ...]]:
    """What is shown, and what each rule came to. What is not said of the business is as the routes have it at
    this time, with nobody busy.

    Raises :class:`routing.clicks.NoSuchSiteError` and :class:`engage.trial.TrialError`.
    """
    click = try_click(router.config, made_up.site, None, made_up.page)
    now = now.astimezone(router.zones[click.site])
    rules = SiteRules.of(router.config, click.site)
    names = engage_names(router.config.hours, router.config.sites[click.site].page.facts)
    tried = tried_facts(made_up.facts.items(), names)
    told = PageTold(
        url=click.page,
        language=made_up.language,
        device=made_up.device,
        facts=tried.told,
        signed=tried.signed,
    )
    memory = VisitorMemory(
        site=Tally(
            visit=1,
            in_visit=made_up.in_visit,
            day=day_of(now),
            in_day=max(made_up.in_day, made_up.in_visit),
            answered=dict(made_up.answered),
        ),
        visit=1,
        pages=1,
    )
    facts = tried.added_to(facts_of(rules, told, memory, remembered=bool(made_up.visitor)))
    asker = PageAsker("trial", made_up.visitor or None, made_up.language, made_up.hold, not made_up.untouched)
    there = tried.applied_to(_there(router, click, now, made_up.open_invitations))
    return explain_decision(rules, facts, asker, memory, there, now)


def _there(router: Router, click: ClickToCall, now: datetime, open_invitations: int) -> Availability:
    """The business as the routes have it, with everybody there and nobody busy."""
    ways: dict[ContactWay, WayNow] = {}
    settings = router.config.sites[click.site]
    for way in settings.contact_ways:
        if way == "chat":
            ways[way] = WayNow()
            continue
        found = reach(
            ClickToCall(click.site, click.number, click.page, {}, "", way), router, with_busy(()), now
        )
        later = found.instead is not None and settings.page.buttons.when_closed != "hide"
        ways[way] = WayNow(
            state=WayState.OPEN if found.reached else WayState.LATER if later else WayState.HIDDEN,
            open=found.open,
            free=found.free,
        )
    hours = {name: opening.is_open(now) for name, opening in router.hours.items()}
    return Availability(ways, open_invitations, hours)
