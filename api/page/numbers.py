"""A phone number as it will be called, while its shopper types it."""

from __future__ import annotations

from collections.abc import Callable

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.callers import Callers
from api.numbers import read_number
from api.page.models import SiteKey
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, UrlRow
from api.typed_numbers import Country, TypedNumber
from bridge.protocols import Clock
from config.models import Config

#: Bytes of the question.
MOST_ASKED = 512


class NumberQuestion(BaseModel):
    """What a shopper has typed so far."""

    model_config = ConfigDict(extra="ignore", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    number: TypedNumber = Field(description="As it was typed.", examples=["(617) 555-0123"])
    country: Country | None = Field(
        default=None,
        description="Where a number without +… belongs to; without it, the site's first country.",
    )


class ReadNumber(BaseModel):
    """How the server reads it. Whether it is called, the call itself tells."""

    number: str | None = Field(
        description="In the international format, for people; null: it is no whole number (yet).",
        examples=["+1 617-555-0123"],
    )
    hint: str | None = Field(
        description="What keeps this very number from being called, where more is known."
    )


class NumberEndpoints:
    """Reads numbers for pages, which bring no numbering plan of their own."""

    def __init__(self, config: Callable[[], Config], clock: Clock) -> None:
        self._callers = Callers(config, clock)

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of numbers."""
        refusals = (Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LIMIT_REQUESTS)
        return (
            UrlRow("POST", "/v1/page/number", self.read, "read_number", for_sites=True,
                  max_body=MOST_ASKED, problems=(*BODY_PROBLEMS, *refusals)),
        )  # fmt: skip

    async def read(self, asked: NumberQuestion, request: Request) -> ReadNumber:
        """The number that a shopper is typing, written as people know it. Nothing is kept of it."""
        self._callers.admit(request)
        _, site, _ = self._callers.site(asked.site_key, request)
        try:
            number = read_number(asked.number, asked.country or site.countries[0])
        except RequestError as refusal:
            hint = refusal.errors[0].message if refusal.errors else None
            return ReadNumber(number=None, hint=hint)
        shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return ReadNumber(number=shown, hint=None)
