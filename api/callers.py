"""Which page of which site asks, and whether its visitor may ask so often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Path
from starlette.requests import Request

from api.addresses import sender_of
from api.limits import RequestRate
from api.origins import site_allows
from api.problems import Problem, RequestError
from bridge.protocols import Clock
from config.models import Config
from config.sections.sites import Site

KeyInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="The site's public key.")]


class Callers:
    """The visitors of one endpoint: each endpoint counts on its own."""

    def __init__(self, config: Callable[[], Config], clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._rate = RequestRate()

    def admit(self, request: Request) -> str:
        """The visitor's address, in the form that limits count; ``limit_requests`` for too many requests."""
        server = self._config().server
        address = sender_of(request, server.trusted_proxies)
        wait = self._rate.admit(address, server.requests_per_ip, self._clock.time())
        if wait is not None:
            raise RequestError(Problem.LIMIT_REQUESTS, retry_after=wait)
        return address

    def public_site(self, key: str, request: Request) -> tuple[str, Site]:
        """The name and settings of the site with this key, of what anybody may know.

        A page of the same origin names none. ``site_unknown``, or ``origin_refused`` for another shop's page.
        """
        name, site = self._of_key(key)
        origin = request.headers.get("origin")
        if origin and not site_allows(site, origin):
            raise RequestError(Problem.ORIGIN_REFUSED)
        return name, site

    def _of_key(self, key: str) -> tuple[str, Site]:
        sites = self._config().sites.items()
        found = next(((name, site) for name, site in sites if site.key == key), None)
        if found is None:
            raise RequestError(Problem.SITE_UNKNOWN)
        return found

    def site(self, key: str, request: Request) -> tuple[str, Site, str]:
        """The name and settings of the site with this key, and the origin of its page that asks.

        ``site_unknown``, or ``origin_refused`` for a page that is none of the site's.
        """
        name, site = self._of_key(key)
        origin = request.headers.get("origin")
        if not origin or not site_allows(site, origin):
            raise RequestError(Problem.ORIGIN_REFUSED)
        return name, site, origin
