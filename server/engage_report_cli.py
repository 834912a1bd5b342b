"""``ringback engage report``: what the engagement rules brought."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter

from server.listing import TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile
from visits.credit import Way
from visits.report import (
    OUTCOMES,
    Comparison,
    EngagementReport,
    GroupFigures,
    SelfSelected,
    VariantFigures,
    Verdict,
)

DAY = 86400.0
T = TypeVar("T")
REPORT = TypeAdapter(EngagementReport)
_VERDICTS: dict[Verdict, str] = {
    "more": "more, for certain",
    "less": "less, for certain",
    "not_yet": "no certain difference so far",
    "too_early": "too early",
    "broken": "no verdict: the groups have not the sizes that they should",
}
_WAYS: dict[Way, str] = {
    "call": "a call",
    "chat": "a chat",
    "accepted": "an invitation that was accepted",
    "shown": "an invitation that was shown",
    "nothing": "nothing of ours",
}
_SOURCES = {"server": "", "page": ", as pages claim"}


def report(
    config: ConfigFile,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    since: Annotated[
        str, typer.Option(help="From this day on, UTC, such as 2026-11-01; default: 30 days ago.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show what was offered, held and bought, and what invitations brought, by a running server."""
    now = time.time()
    # The end is rounded down to 15 minutes: those of these minutes shall be there.
    found = OperatorClient(config).engagement(_day(since) if since else now - 30 * DAY, now + 900.0)
    if as_json:
        print(REPORT.dump_json(of_site(found, site)).decode())
        return
    for number, table in enumerate(tables(of_site(found, site))):
        if number:
            print()
        show(table)


def of_site(found: EngagementReport, site: str | None) -> EngagementReport:
    """The part that is of one site; all of it without one."""
    if site is None:
        return found

    def of(parts: Iterable[T]) -> tuple[T, ...]:
        return tuple(each for each in parts if getattr(each, "site", None) == site)

    return EngagementReport(
        rules=of(found.rules),
        held=of(found.held),
        buttons=of(found.buttons),
        sales=of(found.sales),
        uplift=of(found.uplift),
        variants=of(found.variants),
        self_selected=of(found.self_selected),
        credits=of(found.credits),
    )


def tables(found: EngagementReport) -> Iterator[TextTable]:
    """The report as people read it."""
    yield _table(
        "Invitations and buttons of rules",
        ["Site", "Rule", "Variant", "Group", *map(str.capitalize, OUTCOMES)],
        [
            [each.site, each.rule, each.variant, each.arm, *(str(each.counts.get(o, 0)) for o in OUTCOMES)]
            for each in found.rules
        ],
    )
    yield _table(
        "Rules that matched and were not shown, once a page view",
        ["Site", "Rule", "Why", "Times"],
        [[each.site, each.rule, each.reason, str(each.count)] for each in found.held],
    )
    yield _table(
        "Buttons",
        ["Site", "Element", "Page", "Opens", "Seen", "Clicked", "Rate"],
        [
            [each.site, each.place, each.page, each.way, str(each.seen), str(each.clicked),
             _percent(each.clicked / each.seen) if each.seen else ""]
            for each in found.buttons
        ],
    )  # fmt: skip
    yield _table(
        "Orders",
        ["Site", "Who says so", "Orders", "Money"],
        [
            [each.site, "the retailer's server" if each.source == "server" else "pages (claimed)",
             str(each.orders), f"{each.money} {each.currency} (minor units)" if each.currency else ""]
            for each in found.sales
        ],
    )  # fmt: skip
    yield _table(
        "Of what orders came: the last talk, else an invitation",
        ["Site", "Who says so", "Credited to", "Orders", "Money", "Paid back", "Assisted"],
        [
            [each.site, "the retailer's server" if each.source == "server" else "pages (claimed)",
             _WAYS[each.way], str(each.orders), f"{each.money} {each.currency}".strip(),
             str(each.refunded), str(each.assists)]
            for each in found.credits
        ],
    )  # fmt: skip
    yield _table(
        "Uplift: groups that chance made, within 72 hours of the first invitation",
        ["Site", "Rule", "Since", "Shown", "Not shown", "Difference", "95 %, however often one looks",
         "Verdict"],
        [_uplift(each) for each in found.uplift],
    )  # fmt: skip
    yield _table(
        "Variants",
        ["Site", "Rule", "Since", "Variant", "Visitors", "Bought", "95 %", "Groups"],
        [row for each in found.variants for row in _variants(each)],
    )
    yield _table(
        "Those who accepted, beside those who did not: no uplift, they chose to",
        ["Site", "Rule", "Since", "Accepted", "Did not accept", "Calls"],
        [_chosen(each) for each in found.self_selected],
    )


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> TextTable:
    return TextTable(title, [TextColumn(name) for name in names], rows)


def _uplift(each: Comparison) -> list[str]:
    relative = "" if each.relative is None else f" ({each.relative:+.0%})"
    broken = each.verdict == "broken"
    silent = each.verdict in ("broken", "too_early")
    words = _VERDICTS[each.verdict] + (f" (p = {each.ratio_p:.2g})" if broken else "")
    if each.missing:
        words += f": about {each.missing} more visitors"
    return [
        each.site,
        each.rule or "all, against the holdout",
        each.epoch,
        _bought(each.treated),
        _bought(each.control),
        "" if silent else f"{each.difference * 100:+.2f} points{relative}",
        "" if silent else f"{each.low * 100:+.2f} to {each.high * 100:+.2f} points",
        words + _SOURCES[each.source],
    ]


def _variants(each: VariantFigures) -> Iterator[list[str]]:
    for variant in each.variants:
        p = each.ratio_p
        sizes = (
            "" if p is None else f"p = {p:.2g}" + (": not the sizes that they should" if p < 0.001 else "")
        )
        yield [
            each.site,
            each.rule,
            each.epoch,
            variant.name,
            str(variant.visitors),
            f"{variant.converted} ({_percent(variant.rate)}){_SOURCES[each.source]}",
            f"{_percent(variant.low)} to {_percent(variant.high)}",
            sizes,
        ]


def _chosen(each: SelfSelected) -> list[str]:
    return [
        each.site, each.rule, each.epoch, _bought(each.accepted), _bought(each.others), str(each.calls)
    ]  # fmt: skip


def _bought(group: GroupFigures) -> str:
    return f"{group.converted} of {group.visitors} ({_percent(group.rate)})"


def _percent(rate: float) -> str:
    return f"{rate * 100:.2f} %"


def _day(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day: write it as 2026-11-01") from None
