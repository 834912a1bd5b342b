"""Answers before contact: what the panel suggests and finds, and what it tells of questions and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal, Protocol

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from answers.book import AnswerBook, ShownAnswer
from answers.questions import ENOUGH_ASKERS, asker_code, digest_of, kept_question
from api.addresses import sender_of
from api.callers import Callers, KeyInPath
from api.limits import RequestRate
from api.page.models import PageUrl, RandomId, SiteKey
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, UrlRow
from bridge.protocols import Clock
from config.fields import Window
from config.models import Config
from store.questions import AnswerFate, AskedQuestion, Fate

#: Bytes of what is told.
MOST_TOLD = 2048
#: Letters of a question.
LONGEST_QUESTION = 200
#: Searches of one address: a page asks after each pause in typing.
SEARCHES = (Window(120, 60.0), Window(1200, 3600.0))

_LANGUAGE = r"^[A-Za-z0-9-]{0,35}$"
Asked = Annotated[str, Query(max_length=LONGEST_QUESTION, description="What was typed; empty: suggest.")]
PageQuery = Annotated[str, Query(max_length=2048, description="The page that the shopper is on.")]
LanguageQuery = Annotated[str, Query(pattern=_LANGUAGE, description="Of the page, such as `de-AT`.")]


class AnswerWords(BaseModel):
    """Words in a row."""

    text: str
    href: str | None = Field(
        description="Where they lead: with https://, or a path of the shop; null: nowhere."
    )


class FoundAnswer(BaseModel):
    """One answer."""

    id: str = Field(description="Its name in the file.")
    question: str
    paragraphs: list[list[AnswerWords]]


class FoundAnswers(BaseModel):
    """What is suggested, or was found."""

    language: str = Field(description="The language that they are in.")
    answers: list[FoundAnswer]


class AnswerNews(BaseModel):
    """What came of a question or an answer."""

    model_config = ConfigDict(extra="ignore", strict=True)

    site: SiteKey = Field(description="The site's public key.")
    visitor: RandomId | None = Field(
        default=None,
        description="Only with the shopper's consent; without it, their network tells them apart.",
    )
    language: Annotated[str, Field(pattern=_LANGUAGE)] = ""
    page: PageUrl = ""
    question: Annotated[str, Field(max_length=LONGEST_QUESTION)] = Field(
        default="", description="As it was typed."
    )
    answer: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,64}$")] = Field(
        default="", description="The one that was read."
    )
    what: Literal["asked", "opened", "helped", "not_helped", "contacted"] = Field(
        description="`asked`: a question stands, after a pause; `opened`: an answer is being read; `helped`, "
        "`not_helped`: what the shopper says of it; `contacted`: they go on to get in contact."
    )


class QuestionStore(Protocol):
    """What was asked; every method may raise store.errors.StoreError."""

    async def note(self, question: AskedQuestion, fate: Fate, enough: int, now: float) -> bool:
        """Count a question."""

    async def note_answer(self, site: str, answer: str, fate: AnswerFate, now: float) -> None:
        """Count what came of an answer."""


#: What the news says of the question, and of the answer.
_QUESTION: dict[str, Fate] = {"asked": "asked", "helped": "answered", "contacted": "contacted"}
_ANSWER: dict[str, AnswerFate] = {
    "opened": "opened", "helped": "helped", "not_helped": "not_helped", "contacted": "contacted",
}  # fmt: skip


class AnswerEndpoints:
    """Shows a site's answers to its pages, and counts what came of them. ``book(site)`` has its answers."""

    def __init__(
        self,
        config: Callable[[], Config],
        clock: Clock,
        book: Callable[[str], AnswerBook | None],
        store: QuestionStore,
    ) -> None:
        self._config = config
        self._clock = clock
        self._book = book
        self._store = store
        self._searches = RequestRate()
        self._callers = Callers(config, clock)

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of answers."""
        refusals = (Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LIMIT_REQUESTS)
        return (
            UrlRow("GET", "/v1/page/{site_key}/answers", self.find, "find_answers", for_sites=True,
                  problems=(Problem.VALIDATION_FAILED, *refusals)),
            UrlRow("POST", "/v1/page/answers/helped", self.tell, "tell_of_answers", for_sites=True,
                  status=204, max_body=MOST_TOLD,
                  problems=(*BODY_PROBLEMS, *refusals, Problem.STORE_UNAVAILABLE)),
        )  # fmt: skip

    async def find(
        self,
        site_key: KeyInPath,
        request: Request,
        q: Asked = "",
        page: PageQuery = "",
        language: LanguageQuery = "",
    ) -> FoundAnswers:
        """What a shopper finds before they get in contact: by what they typed, or else by the page."""
        address = sender_of(request, self._config().server.trusted_proxies)
        if wait := self._searches.admit(address, SEARCHES, self._clock.time()):
            raise RequestError(Problem.LIMIT_REQUESTS, retry_after=wait)
        name, site = self._callers.public_site(site_key, request)
        book = self._book(name)
        if book is None or site.answers is None:
            return FoundAnswers(language="", answers=[])
        language, most = book.language(language), site.answers.at_most
        if q.strip():
            # Milliseconds among thousands of answers: no call waits for it.
            found = await asyncio.to_thread(book.search, q, language, most)
        else:
            found = book.suggest(page, language, most)
        return FoundAnswers(language=language, answers=[_shown(each) for each in found])

    async def tell(self, news: AnswerNews, request: Request) -> None:
        """Count what came of a question or an answer.

        Of what was typed, nothing with a digit or an @ is kept, and no words that fewer than three visitors
        have used.
        """
        address = self._callers.admit(request)
        name, _, _ = self._callers.site(news.site, request)
        book, now = self._book(name), self._clock.time()
        if book is None:
            return
        language = book.language(news.language)
        text, fate = kept_question(news.question), _QUESTION.get(news.what)
        if text is not None and fate is not None:
            digest = digest_of(name, language, text)
            asker = asker_code(digest, news.visitor or address)
            asked = AskedQuestion(name, language, text, digest, asker)
            await self._store.note(asked, fate, ENOUGH_ASKERS, now)
        if news.answer in book and news.what in _ANSWER:
            await self._store.note_answer(name, news.answer, _ANSWER[news.what], now)


def _shown(answer: ShownAnswer) -> FoundAnswer:
    return FoundAnswer(
        id=answer.name,
        question=answer.question,
        paragraphs=[
            [AnswerWords(text=part.text, href=part.href) for part in paragraph]
            for paragraph in answer.paragraphs
        ],
    )
