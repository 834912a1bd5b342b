"""What shoppers asked before they got in contact, for the operator, who can answer what is asked most."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Protocol

from fastapi import Query
from pydantic import BaseModel, Field

from answers.book import AnswerBook
from api.askers import Whose
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from store.questions import AnswerCount, QuestionCount

Since = Annotated[float, Query(allow_inf_nan=False, ge=0, le=1e11, description="Seconds since the epoch.")]


class QuestionEntry(BaseModel):
    """A question that at least three visitors have asked, in small letters."""

    site: str
    language: str
    question: str
    asked: int
    answered: int = Field(description="How often an answer helped.")
    contacted: int = Field(description="How often the shopper then got in contact.")
    finds: str | None = Field(description="The first answer that the search finds now; null: none.")


class AnswerEntryCounts(BaseModel):
    """What came of one answer."""

    site: str
    answer: str = Field(description="Its name in the file.")
    opened: int
    helped: int
    not_helped: int
    contacted: int = Field(description="How often the shopper got in contact after it.")


class QuestionReport(BaseModel):
    """The questions and the answers of a period, the most frequent first."""

    questions: list[QuestionEntry]
    answers: list[AnswerEntryCounts]


class QuestionCounts(Protocol):
    """What was asked; may raise store.errors.StoreError."""

    async def asked(
        self, since: float, sites: Collection[str] | None = None, limit: int = 500
    ) -> Sequence[QuestionCount]:
        """The questions of the days since then."""

    async def answered(self, since: float, sites: Collection[str] | None = None) -> Sequence[AnswerCount]:
        """What came of answers in the days since then."""


class QuestionEndpoints:
    """Tells what was asked. ``book(site)`` has the site's answers."""

    def __init__(self, store: QuestionCounts, book: Callable[[str], AnswerBook | None]) -> None:
        self._store = store
        self._book = book

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of questions."""
        return (
            UrlRow("GET", "/v1/reports/questions", self.list, "questions", Audience.OPERATOR, LIST_PROBLEMS),
        )

    async def list(self, asker: Whose, since: Since) -> QuestionReport:
        """What shoppers asked in the search of answers since then, in days of UTC, and what came of it."""
        asked = await self._store.asked(since, asker.sites)
        answered = await self._store.answered(since, asker.sites)
        return QuestionReport(
            questions=[
                QuestionEntry(
                    site=each.site,
                    language=each.language,
                    question=each.text,
                    asked=each.asked,
                    answered=each.answered,
                    contacted=each.contacted,
                    finds=self._finds(each),
                )
                for each in asked
            ],
            answers=[
                AnswerEntryCounts(
                    site=each.site,
                    answer=each.answer,
                    opened=each.opened,
                    helped=each.helped,
                    not_helped=each.not_helped,
                    contacted=each.contacted,
                )
                for each in answered
            ],
        )

    def _finds(self, asked: QuestionCount) -> str | None:
        book = self._book(asked.site)
        found = book.search(asked.text, asked.language, 1) if book else ()
        return found[0].name if found else None
