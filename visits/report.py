"""What engagement rules brought, from counts and experiments. Pure.

Two kinds of figures stand apart. *Uplift* compares groups that chance made, and nothing else is called so.
That those who talked bought more than those who did not says little: they chose to talk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from config.sections.engage import EngageRule, EngageSettings
from engage.assignment import epoch_of
from engage.statistics import MISMATCH, Group, Interval, sample_ratio, uplift, wilson
from visits.credit import Credit
from visits.records import ArmResult, ButtonCounts, ButtonKey, CountKey

Verdict = Literal["more", "less", "not_yet", "too_early", "broken"]
#: How many of each group must have bought before anything is said of uplift.
FEWEST_BUYERS = 100
#: What becomes of offers, in the order of a report.
OUTCOMES = ("offered", "exposed", "seen", "accepted", "declined", "ignored", "changed", "called")


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule, or one variant of it: how often what became of it."""

    site: str
    rule: str
    #: Empty for shoppers who took no part, and for rules without variants.
    variant: str
    #: ``shown``, ``control``, ``holdout``; empty for shoppers without an id, who were all shown it.
    arm: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class HeldFigures:
    """How often a rule matched and was not shown for one reason, once a page view."""

    site: str
    rule: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class ButtonFigures:
    """One button on one page."""

    site: str
    place: str
    page: str
    way: str
    seen: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders of one site and currency. ``source``: the retailer's ``server``, or what a ``page`` claims."""

    site: str
    source: str
    currency: str
    orders: int
    #: In minor units, such as cents, without what was paid back.
    money: int


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Visitors who were treated alike, and how many of them bought."""

    name: str
    visitors: int
    converted: int
    rate: float
    #: Where the true rate is, with 95 % confidence.
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups that chance made: what the treatment brought."""

    site: str
    #: Empty where it is the whole site against its holdout.
    rule: str
    epoch: str
    #: ``server`` where the retailer's server tells who bought, ``page`` where pages alone claim it.
    source: str
    treated: GroupFigures
    control: GroupFigures
    #: The difference of the two rates, and where the truth is, with 95 % confidence however often one looks.
    difference: float
    low: float
    high: float
    #: The difference as a share of the control's rate; None where nobody there bought.
    relative: float | None
    #: The probability that chance made groups of these sizes; None where that cannot be told.
    ratio_p: float | None
    #: ``more``, ``less``, ``not_yet``: no difference is certain so far; ``too_early``: too few have bought to
    #: say anything; ``broken``: the groups have other sizes than they should, so nothing can be said.
    verdict: Verdict
    #: Visitors of both groups who are still missing until it is not too early, if they go on buying as
    #: they do; None where that cannot be told, or is not so.
    missing: int | None


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """The variants of a rule, among those who were shown it."""

    site: str
    rule: str
    epoch: str
    source: str
    variants: tuple[GroupFigures, ...]
    ratio_p: float | None


@dataclass(frozen=True, slots=True)
class SelfSelected:
    """Those who accepted an invitation, beside those who were shown it and did not. No uplift: they chose."""

    site: str
    rule: str
    epoch: str
    accepted: GroupFigures
    others: GroupFigures
    calls: int


@dataclass(frozen=True, slots=True)
class EngagementReport:
    """All of a period."""

    rules: tuple[RuleFigures, ...] = ()
    held: tuple[HeldFigures, ...] = ()
    buttons: tuple[ButtonFigures, ...] = ()
    sales: tuple[Sales, ...] = ()
    uplift: tuple[Comparison, ...] = ()
    variants: tuple[VariantFigures, ...] = ()
    self_selected: tuple[SelfSelected, ...] = ()
    credits: tuple[Credit, ...] = ()


@dataclass(slots=True)
class _Tried:
    """One rule's experiment."""

    arms: list[ArmResult] = field(default_factory=list)

    def group(self, arm: str, source: str, variant: str | None = None) -> Group:
        """The visitors of an arm, of one variant or all."""
        fits = [each for each in self.arms if each.arm == arm and variant in (None, each.variant)]
        return Group(sum(each.visitors for each in fits), sum(_bought(each, source) for each in fits))


def engagement_report(
    counts: Mapping[CountKey, int],
    placements: Mapping[ButtonKey, ButtonCounts],
    arms: Iterable[ArmResult],
    holdouts: Iterable[ArmResult],
    sales: Iterable[tuple[str, str, str, int, int]],
    settings: Mapping[str, EngageSettings],
    credits: Iterable[Credit] = (),
) -> EngagementReport:
    """The report; ``settings`` are those of the sites, for the shares that groups should have.

    ``holdouts`` are all invited visitors of a site, and those of its holdout, whatever the rule.
    """
    sold = tuple(Sales(*each) for each in sales)
    tried: dict[tuple[str, str, str], _Tried] = defaultdict(_Tried)
    for each in arms:
        tried[each.site, each.rule, each.epoch].arms.append(each)
    sources = {site: _source(site, sold) for site in {key[0] for key in tried}}
    comparisons: list[Comparison] = []
    variants: list[VariantFigures] = []
    chosen: list[SelfSelected] = []
    for (site, rule, epoch), found in sorted(tried.items()):
        source, written = sources[site], _rule(settings, site, rule, epoch)
        if (control := found.group("control", source)).visitors:
            share = written.control if written else None
            comparisons.append(
                _compared(site, rule, epoch, source, found.group("shown", source), control, "control", share)
            )
        names = sorted({each.variant for each in found.arms if each.variant})
        if len(names) > 1:
            variants.append(_variants(site, rule, epoch, source, names, found, written))
        if any(each.arm == "shown" for each in found.arms):
            chosen.append(_self_selected(site, rule, epoch, source, found))
    by_site: dict[str, _Tried] = defaultdict(_Tried)
    for each in holdouts:
        by_site[each.site].arms.append(each)
    for site, found in sorted(by_site.items()):
        source = sources.get(site) or _source(site, sold)
        if (control := found.group("holdout", source)).visitors:
            known = settings.get(site)
            treated = found.group("shown", source)
            share = known.holdout if known else None
            comparisons.append(_compared(site, "", "", source, treated, control, "holdout", share))
    return EngagementReport(
        rules=_rules(counts),
        held=tuple(
            HeldFigures(site, rule, reason, count)
            for (site, rule, reason), count in sorted(_held(counts).items())
        ),
        buttons=tuple(
            ButtonFigures(key.site, key.place, key.page, key.way, each.seen, each.clicked)
            for key, each in sorted(placements.items())
        ),
        sales=sold,
        uplift=tuple(comparisons),
        variants=tuple(variants),
        self_selected=tuple(chosen),
        credits=tuple(credits),
    )


def _rules(counts: Mapping[CountKey, int]) -> tuple[RuleFigures, ...]:
    found: dict[tuple[str, str, str, str], dict[str, int]] = defaultdict(dict)
    for key, count in counts.items():
        if key.outcome in OUTCOMES:
            told = found[key.site, key.rule, key.variant, key.arm]
            told[key.outcome] = told.get(key.outcome, 0) + count
    return tuple(RuleFigures(*key, counts=told) for key, told in sorted(found.items()))


def _held(counts: Mapping[CountKey, int]) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for key, count in counts.items():
        if key.outcome == "held":
            found[key.site, key.rule, key.reason] += count
    return found


def _source(site: str, sales: Sequence[Sales]) -> str:
    """Whom to believe: pages only where the retailer's server says nothing at all."""
    return "server" if any(each.site == site and each.source == "server" for each in sales) else "page"


def _bought(arm: ArmResult, source: str) -> int:
    return arm.converted if source == "server" else arm.claimed


def _rule(settings: Mapping[str, EngageSettings], site: str, rule: str, epoch: str) -> EngageRule | None:
    """The rule as it is written now, if this is still the same experiment."""
    known = settings[site].rules.get(rule) if site in settings else None
    return known if known is not None and epoch_of(known) == epoch else None


def _group(name: str, group: Group) -> GroupFigures:
    interval = wilson(group)
    return GroupFigures(
        name, group.visitors, group.converted, group.rate, max(0.0, interval.low), min(1.0, interval.high)
    )


def _compared(
    site: str,
    rule: str,
    epoch: str,
    source: str,
    treated: Group,
    control: Group,
    name: str,
    share: float | None,
) -> Comparison:
    found = uplift(treated, control)
    fewest = min(treated.converted, control.converted)
    ratio = None
    if share:
        ratio = sample_ratio([treated.visitors, control.visitors], [1 - share, share])
    return Comparison(
        site=site,
        rule=rule,
        epoch=epoch,
        source=source,
        treated=_group("shown", treated),
        control=_group(name, control),
        difference=found.difference,
        low=found.always_valid.low,
        high=found.always_valid.high,
        relative=found.relative,
        ratio_p=ratio,
        verdict=_verdict(found.always_valid, ratio, fewest),
        missing=ceil((treated.visitors + control.visitors) * (FEWEST_BUYERS / fewest - 1))
        if 0 < fewest < FEWEST_BUYERS
        else None,
    )


def _verdict(interval: Interval, ratio: float | None, fewest: int) -> Verdict:
    """First whether the groups are what they should be, then whether enough of each have bought."""
    if ratio is not None and ratio < MISMATCH:
        return "broken"
    if fewest < FEWEST_BUYERS:
        return "too_early"
    if interval.has(0.0):
        return "not_yet"
    return "more" if interval.low > 0 else "less"


def _variants(
    site: str,
    rule: str,
    epoch: str,
    source: str,
    names: Sequence[str],
    found: _Tried,
    written: EngageRule | None,
) -> VariantFigures:
    groups = [found.group("shown", source, name) for name in names]
    ratio = None
    if written is not None and set(names) <= set(written.variants):
        shares = [float(written.variants[name].share) for name in names]
        ratio = sample_ratio([group.visitors for group in groups], shares)
    figures = tuple(_group(name, group) for name, group in zip(names, groups, strict=True))
    return VariantFigures(site, rule, epoch, source, figures, ratio)


def _self_selected(site: str, rule: str, epoch: str, source: str, found: _Tried) -> SelfSelected:
    shown = [each for each in found.arms if each.arm == "shown"]
    accepted = Group(
        sum(each.accepted for each in shown),
        sum(each.accepted_converted if source == "server" else each.accepted_claimed for each in shown),
    )
    everybody = found.group("shown", source)
    others = Group(everybody.visitors - accepted.visitors, everybody.converted - accepted.converted)
    calls = sum(each.calls for each in shown)
    return SelfSelected(
        site, rule, epoch, _group("accepted", accepted), _group("did not accept", others), calls
    )
