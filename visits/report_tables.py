"""The tables of what engagement rules brought, as head and rows: what CSV files hold. Pure.

Money is in minor units, such as cents. Rates are from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from visits.report import OUTCOMES, EngagementReport, GroupFigures

EngagementTable = Literal["orders", "uplift", "talked", "invitations", "wordings", "buttons", "held"]
TABLES: tuple[EngagementTable, ...] = get_args(EngagementTable)
Cell = str | float | None
Rows = list[list[Cell]]


def engagement_table(report: EngagementReport, table: EngagementTable) -> tuple[list[str], Rows]:
    """One of the tables of a report."""
    head, rows = _TABLES[table]
    return head, rows(report)


def _group(group: GroupFigures) -> list[Cell]:
    return [group.visitors, group.converted, group.rate, group.low, group.high]


def _group_heads(name: str) -> list[str]:
    return [f"{name}: {each}" for each in ("visitors", "bought", "rate", "rate from", "rate to")]


def _orders(report: EngagementReport) -> Rows:
    return [
        [
            each.site,
            each.way,
            each.source,
            each.currency,
            each.orders,
            each.money,
            each.refunded,
            each.assists,
        ]
        for each in report.credits
    ]


def _uplift(report: EngagementReport) -> Rows:
    rows: Rows = []
    for each in report.uplift:
        # Differences of broken groups, and of a few buyers, mislead: no screen tells them, either.
        told = each.verdict not in ("broken", "too_early")
        difference = [each.difference, each.low, each.high, each.relative] if told else [None] * 4
        rows.append(
            [each.site, each.rule, each.epoch, each.source, each.control.name, each.verdict,
             *_group(each.treated), *_group(each.control), *difference, each.ratio_p, each.missing]
        )  # fmt: skip
    return rows


def _talked(report: EngagementReport) -> Rows:
    return [
        [each.site, each.rule, each.epoch, *_group(each.accepted), *_group(each.others), each.calls]
        for each in report.self_selected
    ]


def _invitations(report: EngagementReport) -> Rows:
    return [
        [each.site, each.rule, each.variant, each.arm, *(each.counts.get(name, 0) for name in OUTCOMES)]
        for each in report.rules
    ]


def _wordings(report: EngagementReport) -> Rows:
    return [
        [each.site, each.rule, each.epoch, each.source, group.name, *_group(group)]
        for each in report.variants
        for group in each.variants
    ]


def _buttons(report: EngagementReport) -> Rows:
    return [[each.site, each.place, each.page, each.way, each.seen, each.clicked] for each in report.buttons]


def _held(report: EngagementReport) -> Rows:
    return [[each.site, each.rule, each.reason, each.count] for each in report.held]


_TABLES: Mapping[EngagementTable, tuple[list[str], Callable[[EngagementReport], Rows]]] = {
    "orders": (
        ["Site", "Credited to", "Who says so", "Currency", "Orders", "Money in minor units",
         "Paid back in minor units", "Assisted"],
        _orders,
    ),
    "uplift": (
        ["Site", "Rule", "Since", "Who says so", "Control", "Verdict", *_group_heads("Shown"),
         *_group_heads("Control"), "Difference", "Difference from", "Difference to", "Relative",
         "Probability of these sizes", "Visitors missing"],
        _uplift,
    ),
    "talked": (
        ["Site", "Rule", "Since", *_group_heads("Accepted (not causal)"), *_group_heads("Did not accept"),
         "Calls"],
        _talked,
    ),
    "invitations": (
        ["Site", "Rule", "Wording", "Group", *(name.capitalize() for name in OUTCOMES)], _invitations,
    ),
    "wordings": (
        ["Site", "Rule", "Since", "Who says so", "Wording", "Visitors", "Bought", "Rate", "Rate from",
         "Rate to"],
        _wordings,
    ),
    "buttons": (["Site", "Button", "Page", "Opens", "Seen", "Clicked"], _buttons),
    "held": (["Site", "Rule", "Why", "Times"], _held),
}  # fmt: skip
