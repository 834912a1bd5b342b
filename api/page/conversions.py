"""The retailer's server tells that somebody bought: each order counts once, whatever its pages claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.callers import Callers
from api.page.models import PageToken, SiteKey
from api.page.sites import PageSites
from api.problems import Problem
from api.routes import BODY_PROBLEMS, UrlRow
from api.signatures import not_believed, signed_claims, signed_text
from bridge.protocols import Clock
from config.models import Config
from visits.records import ConversionRow

#: Bytes of a request.
MOST_ASKED = 4096
LONGEST_REF, LONGEST_VISITOR, MOST_MONEY = 100, 64, 10**12
#: Seconds that a token is good for at most, and how long ago the purchase may have been.
LONGEST_LIFE, OLDEST = 3600.0, 7 * 86400.0
_BROWSER = re.compile(r"[A-Za-z0-9_-]{16,43}")


class ConversionRequest(BaseModel):
    """An order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    signed: PageToken = Field(
        description='A JSON Web Token (RFC 7519) with `"for": "conversion"`, signed as `data_pass` says.'
    )


class KeptConversion(BaseModel):
    """What became of it."""

    first: bool = Field(
        description="False: this order is known, and nothing has changed but what was paid back."
    )
    offer: bool = Field(description="Whether the visitor was made an offer in the 72 hours before.")
    call_id: str | None = Field(description="The visitor's last call in the 72 hours before.")


class ConversionStore(Protocol):
    """Keeps orders; may raise store.errors.StoreError."""

    async def convert(self, row: ConversionRow) -> ConversionRow | None:
        """Keep an order; None where it is known."""


class ConversionEndpoints:
    """Takes orders. ``counted(site)`` counts each that is kept, ``bought(row)`` hears of it."""

    def __init__(
        self,
        config: Callable[[], Config],
        clock: Clock,
        sites: PageSites,
        store: ConversionStore,
        counted: Callable[[str], None],
        bought: Callable[[ConversionRow], None] = lambda row: None,
    ) -> None:
        self._clock = clock
        self._sites = sites
        self._store = store
        self._counted = counted
        self._bought = bought
        self._callers = Callers(config, clock)

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of orders."""
        refusals = (
            Problem.SITE_UNKNOWN, Problem.SIGNED_INVALID, Problem.SIGNED_EXPIRED, Problem.LIMIT_REQUESTS,
            Problem.STORE_UNAVAILABLE,
        )  # fmt: skip
        return (
            UrlRow("POST", "/v1/conversions", self.keep, "keep_conversion", max_body=MOST_ASKED,
                  problems=(*BODY_PROBLEMS, *refusals)),
        )  # fmt: skip

    async def keep(self, wanted: ConversionRequest, request: Request) -> KeptConversion:
        """Keep that somebody bought. Sending the same order again changes nothing.

        Claims beside `aud`, `iat`, `exp` and `for`: `ref`, the order's reference; `value`, an integer of
        minor units such as cents, and `currency`; `refunded`, how much of it was paid back in all so far; who
        it was, by `visitor`, as in the page token, or by `browser`, the loader's own id; `at`, when they
        bought.
        """
        self._callers.admit(request)
        site, now = self._sites.find(wanted.site_key), self._clock.time()
        claims = signed_claims(
            wanted.signed,
            site.settings.data_pass.signing,
            site.name,
            now,
            purpose="conversion",
            required=("ref",),
            lifetime=LONGEST_LIFE,
        )
        value, currency = claims.get("value"), claims.get("currency", "")
        if value is not None and not (_is_whole(value) and 0 <= value <= MOST_MONEY):
            raise not_believed("its value is no whole number of minor units, such as cents")
        if value is not None and not _is_currency(currency):
            raise not_believed("its currency is no code of ISO 4217, such as EUR")
        refunded = claims.get("refunded", 0)
        if not (_is_whole(refunded) and 0 <= refunded <= (value or 0)):
            raise not_believed("its refunded is no whole number from 0 to its value")
        at = claims.get("at", now)
        if isinstance(at, bool) or not isinstance(at, int | float) or not now - OLDEST <= at <= now + 60.0:
            raise not_believed("its at lies more than a week ago, or in the future")
        kept = await self._store.convert(
            ConversionRow(
                site=site.name,
                ref=signed_text(claims, "ref", LONGEST_REF),
                visitor=_visitor(claims, site.name),
                at=min(float(at), now),
                value=value,
                currency=currency if value is not None else "",
                source="server",
                refunded=refunded,
            )
        )
        if kept is None:
            return KeptConversion(first=False, offer=False, call_id=None)
        self._counted(site.name)
        self._bought(kept)
        return KeptConversion(first=True, offer=kept.offer_id is not None, call_id=kept.call_id)


def _visitor(claims: Mapping[str, Any], site: str) -> str | None:
    """By what the visitor is kept."""
    if "visitor" in claims:
        return f"{site}:{signed_text(claims, 'visitor', LONGEST_VISITOR)}"
    if "browser" not in claims:
        return None
    browser = signed_text(claims, "browser", LONGEST_VISITOR)
    if not _BROWSER.fullmatch(browser):
        raise not_believed("its browser is no id that the loader made")
    return browser


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_currency(value: object) -> bool:
    return (
        isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()
    )
