"""How promises were kept, and leads that are closed: for operators, by key or in the portal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Protocol

from fastapi import Query
from pydantic import BaseModel, Field

from follow.lead import Term
from leads.records import PromiseCounts, PromiseKey


class KeptPromises(Protocol):
    """What became of promises, on disk; may raise store.errors.StoreError."""

    async def promise_counts(
        self, by: PromiseKey, since: float, until: float, sites: Collection[str] | None = None
    ) -> Sequence[PromiseCounts]:
        """Answers against what was promised, of promises that began in a period."""


class PromiseEntry(BaseModel):
    """Answers against what was promised."""

    key: str = Field(description="The site, queue, agent or promise; empty for none.")
    term: Term
    promised: int = Field(description="Promises that were kept or broken.")
    kept: int
    broken: int = Field(
        description="Those whose time was over before a person answered, or without an answer."
    )
    answered: int
    mean_seconds: float = Field(description="From contact to answer by the wall clock, on the average.")


class PromiseReport(BaseModel):
    """Answer times of a period."""

    by: PromiseKey
    rows: list[PromiseEntry]


Since = Annotated[float, Query(ge=0, description="Epoch seconds; promises that began from then on.")]
Until = Annotated[float, Query(ge=0, description="And before then.")]


async def promise_report(
    store: KeptPromises, by: PromiseKey, since: float, until: float, sites: Collection[str] | None
) -> PromiseReport:
    """How many promises were kept and broken, and how long answers took."""
    rows = await store.promise_counts(by, since, until, sites)
    return PromiseReport(
        by=by,
        rows=[
            PromiseEntry(
                key=row.key,
                term=row.term,
                promised=row.promised,
                kept=row.kept,
                broken=row.broken,
                answered=row.answered,
                mean_seconds=round(row.mean_seconds, 1),
            )
            for row in rows
        ],
    )
