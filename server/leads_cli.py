"""``ringback leads``: shoppers nobody served, and whether each is answered by the promised time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from api.lead_reports import PromiseEntry
from api.lead_views import LeadEntry
from bridge.masking import mask_number
from bridge.utc import readable
from follow.words import duration
from server.listing import TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile, FullNumbers


class LeadChoice(StrEnum):
    """Which leads are listed."""

    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    CLOSED = "closed"


class ReportBy(StrEnum):
    """By what answer times are told."""

    PROMISE = "promise"
    SITE = "site"
    QUEUE = "queue"
    AGENT = "agent"


def leads(
    config: ConfigFile,
    view: Annotated[LeadChoice, typer.Option(help="Which leads.")] = LeadChoice.OPEN,
    limit: Annotated[int, typer.Option(min=1, help="The most rows to show, the most urgent first.")] = 50,
    promises: Annotated[
        ReportBy | None, typer.Option(help="Show answers against what was promised instead, by this.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="With --promises: those that began from this day on (UTC).")
    ] = None,
    full_numbers: FullNumbers = False,
    as_json: AsJson = False,
) -> None:
    """List the leads: shoppers nobody served, and by when they are answered."""
    operator = OperatorClient(config)
    if promises is not None:
        start = since.replace(tzinfo=UTC).timestamp() if since else 0.0
        report = operator.promises(promises.value, start)
        if as_json:
            print(report.model_dump_json())
        else:
            show(promise_table(report.rows, promises.value))
        return
    found = list(operator.leads(view.value, limit))
    if as_json:
        for each in found:
            print(each.model_dump_json())
    else:
        show(lead_table(found, full_numbers=full_numbers))


def lead_table(found: Iterable[LeadEntry], *, full_numbers: bool) -> TextTable:
    """One row a lead."""
    columns = (
        TextColumn("Lead", whole=True),
        TextColumn("Last contact (UTC)", from_width=120),
        TextColumn("Kind"),
        TextColumn("Due (UTC)"),
        TextColumn("State"),
        TextColumn("Site", from_width=100),
        TextColumn("Number"),
        TextColumn("Owner"),
    )
    rows = [
        (
            each.lead_id[:8],
            readable(each.last_at),
            each.kind,
            readable(each.due_at) if each.due_at is not None else "",
            each.closed_how or ("overdue" if each.overdue else each.state),
            each.site,
            each.number if full_numbers else mask_number(each.number),
            each.owner or ", ".join(f"({name})" for name in each.assigned),
        )
        for each in found
    ]
    return TextTable("Leads", columns, rows)


def promise_table(rows: Iterable[PromiseEntry], by: str) -> TextTable:
    """One row a promise, queue, agent or site."""
    columns = (
        TextColumn(by.capitalize()),
        TextColumn("Answer"),
        TextColumn("Promised"),
        TextColumn("Kept"),
        TextColumn("Broken"),
        TextColumn("Kept %"),
        TextColumn("Mean"),
    )
    told = [
        (
            row.key or "-",
            row.term,
            str(row.promised),
            str(row.kept),
            str(row.broken),
            f"{100 * row.kept / row.promised:.0f} %" if row.promised else "",
            duration(row.mean_seconds) if row.answered else "",
        )
        for row in rows
    ]
    return TextTable("Answers against what was promised", columns, told)
