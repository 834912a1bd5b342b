"""What shoppers asked before contact: counts by day, and the words once enough visitors have used them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Table, delete, exists, func, insert, select, update

from store.database import Database
from store.tables import answer_days, question_days, questions

#: What came of a question.
Fate = Literal["asked", "answered", "contacted"]
#: What came of an answer.
AnswerFate = Literal["opened", "helped", "not_helped", "contacted"]
_FATES = ("asked", "answered", "contacted")
_ANSWER_FATES = ("opened", "helped", "not_helped", "contacted")
#: New questions of a site in a day, at most; what comes after them is not kept.
MOST_NEW = 2000
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that was asked once more: in small letters, what stands for it, and for who asked."""

    site: str
    language: str
    text: str
    digest: str
    asker: str


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """A question that enough visitors asked, with the sums of a period."""

    site: str
    language: str
    text: str
    asked: int
    answered: int
    contacted: int


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """What came of an answer in a period."""

    site: str
    answer: str
    opened: int
    helped: int
    not_helped: int
    contacted: int


class SqlQuestions:
    """Questions in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, question: AskedQuestion, fate: Fate, enough: int, now: float) -> bool:
        """Count a question; False where the site has had too many new ones today.

        Its words are kept from the visitor on who makes ``enough`` of them.
        """
        return await self._database.write(_note, question, fate, enough, now)

    async def note_answer(self, site: str, answer: str, fate: AnswerFate, now: float) -> None:
        """Count what came of an answer."""
        await self._database.write(_note_answer, site, answer, fate, now)

    async def asked(
        self, since: float, sites: Collection[str] | None = None, limit: int = 500
    ) -> Sequence[QuestionCount]:
        """The questions of the days since then whose words are kept, the most frequent first."""
        return await self._database.read(_asked, since, sites, limit)

    async def answered(self, since: float, sites: Collection[str] | None = None) -> Sequence[AnswerCount]:
        """What came of answers in the days since then, the most opened first."""
        return await self._database.read(_answered, since, sites)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _note(connection: Connection, asked: AskedQuestion, fate: Fate, enough: int, now: float) -> bool:
    which = (questions.c.site == asked.site) & (questions.c.digest == asked.digest)
    row = connection.execute(select(questions.c.askers, questions.c.text).where(which)).one_or_none()
    if row is None:
        new = select(func.count()).where(questions.c.site == asked.site, questions.c.first_at > now - DAY)
        if (connection.scalar(new) or 0) >= MOST_NEW:
            return False
    askers = row.askers.split() if row else []
    if asked.asker not in askers and len(askers) < enough:
        askers.append(asked.asker)
    text = asked.text if len(askers) >= enough else None
    values = {"askers": " ".join(askers), "text": text, "last_at": now}
    if row is None:
        key = {"site": asked.site, "digest": asked.digest, "language": asked.language, "first_at": now}
        connection.execute(insert(questions).values(**key, **values))
    else:
        connection.execute(update(questions).where(which).values(**values))
    _count(connection, question_days, {"site": asked.site, "digest": asked.digest}, fate, _FATES, now)
    return True


def _note_answer(connection: Connection, site: str, answer: str, fate: AnswerFate, now: float) -> None:
    _count(connection, answer_days, {"site": site, "answer": answer}, fate, _ANSWER_FATES, now)


def _count(
    connection: Connection, table: Table, key: Mapping[str, str], fate: str, fates: Sequence[str], now: float
) -> None:
    """One more of this fate, today."""
    whole = {**key, "day": _day(now)}
    which = [table.c[name] == value for name, value in whole.items()]
    done = connection.execute(update(table).where(*which).values({fate: table.c[fate] + 1}))
    if not done.rowcount:
        counts = {name: int(name == fate) for name in fates}
        connection.execute(insert(table).values(**whole, **counts))


def _asked(
    connection: Connection, since: float, sites: Collection[str] | None, limit: int
) -> Sequence[QuestionCount]:
    counts = [func.sum(question_days.c[fate]).label(fate) for fate in _FATES]
    statement = (
        select(questions.c.site, questions.c.language, questions.c.text, *counts)
        .join(
            question_days,
            (question_days.c.site == questions.c.site) & (question_days.c.digest == questions.c.digest),
        )
        .where(questions.c.text.is_not(None), question_days.c.day >= _day(since))
        .group_by(questions.c.site, questions.c.language, questions.c.text)
        .order_by(counts[0].desc(), questions.c.text)
        .limit(limit)
    )
    if sites is not None:
        statement = statement.where(questions.c.site.in_(sites))
    return [QuestionCount(**row._mapping) for row in connection.execute(statement)]


def _answered(connection: Connection, since: float, sites: Collection[str] | None) -> Sequence[AnswerCount]:
    counts = [func.sum(answer_days.c[fate]).label(fate) for fate in _ANSWER_FATES]
    statement = (
        select(answer_days.c.site, answer_days.c.answer, *counts)
        .where(answer_days.c.day >= _day(since))
        .group_by(answer_days.c.site, answer_days.c.answer)
        .order_by(counts[0].desc(), answer_days.c.answer)
    )
    if sites is not None:
        statement = statement.where(answer_days.c.site.in_(sites))
    return [AnswerCount(**row._mapping) for row in connection.execute(statement)]


def _old(table: Table, site: str, before: float) -> Any:
    return (table.c.site == site) & (table.c.day < _day(before))


def count_questions(connection: Connection, site: str, before: float) -> int:
    """How many rows of a site's days are older."""
    counts = (
        select(func.count()).select_from(table).where(_old(table, site, before))
        for table in (question_days, answer_days)
    )
    return sum(connection.scalar(count) or 0 for count in counts)


def forget_questions(connection: Connection, site: str, before: float) -> int:
    """Delete the days of a site that are older, and questions that nobody asked since; how many days."""
    gone = 0
    for table in (question_days, answer_days):
        gone += connection.execute(delete(table).where(_old(table, site, before))).rowcount
    of_a_day = exists().where(
        question_days.c.site == questions.c.site, question_days.c.digest == questions.c.digest
    )
    connection.execute(delete(questions).where(questions.c.site == site, ~of_a_day))
    return gone
