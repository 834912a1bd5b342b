"""What each rule came to in a decision, and why, in words: for operators, and for pages under trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engage.availability import Availability
from engage.decide import PageAsker, decide
from engage.decision import Arm, EngageDecision, HeldReason
from engage.facts import with_business
from engage.memory import VisitorMemory
from engage.rules import CompiledRule, SiteRules
from expressions.facts import Facts
from expressions.prepared import TRUE

_HELD = {
    HeldReason.HOURS: "the business is closed",
    HeldReason.AGENTS: "nobody is free, or everybody who is has an open invitation",
    HeldReason.QUEUE: "the wait is too long",
    HeldReason.CAP_VISIT: "the shopper had as many invitations in this visit as they may",
    HeldReason.CAP_DAY: "the shopper had as many invitations today as they may",
    HeldReason.COOL_DOWN: "the shopper answered one not long ago",
    HeldReason.CONTROL: "the shopper is in the control group of the rule",
    HeldReason.HOLDOUT: "the shopper is in the holdout of the site",
    HeldReason.CONSENT: "it needs what only a shopper who has consented lets the page remember",
    HeldReason.HIDDEN_TAB: "the tab is hidden",
    HeldReason.TYPING: "the shopper is typing",
    HeldReason.DIALOG: "the page has a dialog open",
    HeldReason.IN_CONTACT: "the shopper is in contact, or about to be",
    HeldReason.OPTED_OUT: "the shopper asked to be left alone",
    HeldReason.OUTRANKED: "another rule, or an invitation that is still open, comes first",
    HeldReason.DRAFT: "the rule is a draft",
    HeldReason.BOT: "nobody has touched the page yet",
}


@dataclass(frozen=True, slots=True)
class RuleAccount:
    """What one rule came to."""

    rule: str
    #: Whether its ``when`` holds; ``unknown`` where facts or time may still change it on this page.
    condition: Literal["true", "false", "unknown"]
    #: The facts that may.
    waits_for: tuple[str, ...]
    #: Why it was not shown though its condition holds.
    held: HeldReason | None
    shown: bool
    #: All of it in words.
    text: str


def explain_decision(
    rules: SiteRules,
    facts: Facts,
    asker: PageAsker,
    memory: VisitorMemory,
    availability: Availability,
    now: datetime,
) -> tuple[EngageDecision, tuple[RuleAccount, ...]]:
    """The decision of :func:`engage.decide.decide` for the same arguments, with an account of each rule."""
    decision = decide(rules, facts, asker, memory, availability, now)
    held = {each.rule: each.reason for each in decision.held}
    accounts = []
    for rule in rules.rules:
        way = rule.way if rules.by_way else None
        known = with_business(facts, rules, availability, way, now)
        here = availability.ways.get(rule.way) if rule.way else None
        is_closed = here is not None and not here.open
        accounts.append(_account(rule, known, decision, held.get(rule.name), is_closed=is_closed))
    return decision, tuple(accounts)


def _account(
    rule: CompiledRule, facts: Facts, decision: EngageDecision, held: HeldReason | None, *, is_closed: bool
) -> RuleAccount:
    holds = rule.now(facts) == TRUE
    waits = rule.outlook.waits_for(facts)
    shown = holds and held is None
    return RuleAccount(
        rule=rule.name,
        condition="true" if holds else "unknown" if waits.any else "false",
        waits_for=() if holds else tuple(sorted(map(".".join, waits.of_page))),
        held=held,
        shown=shown,
        text=_shown(rule, decision) if shown else _not_shown(rule, facts, held, is_closed=is_closed),
    )


def _shown(rule: CompiledRule, decision: EngageDecision) -> str:
    show = rule.settings.show
    if show.nothing:
        return "holds: the rules below show nothing"
    if show.button is not None:
        state = next(button.state for button in decision.buttons if button.way == show.button)
        return f"shows the {show.button} button, which is {state}"
    variant = decision.offer.variant if decision.offer and decision.offer.arm is Arm.SHOWN else ""
    return f"invites to {show.invitation}" + (f", variant {variant}" if variant else "")


def _not_shown(rule: CompiledRule, facts: Facts, held: HeldReason | None, *, is_closed: bool) -> str:
    if held is None:
        return rule.when.why_not(facts)
    because = f"held ({held}): {_HELD[held]}"
    of_the_business = held in (HeldReason.HOURS, HeldReason.AGENTS, HeldReason.QUEUE)
    if of_the_business and not is_closed and rule.only_if is not None and not rule.only_if.holds(facts):
        because += f": {rule.only_if.why_not(facts)}"
    return because


def offer_in_words(decision: EngageDecision) -> str:
    """Whether a shopper is invited, and with what."""
    offer = decision.offer
    if offer is None:
        return "no invitation"
    if offer.text:
        return f'invites to {offer.way}: "{offer.text}"'
    return f"no invitation: this shopper is in the {offer.arm} group of {offer.rule}"
