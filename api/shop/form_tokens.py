"""Tokens of the call form: a page gets one, and asks for one call with it, from where it got it.

They keep a program that never saw the page from asking for calls in its name: each is bound to the site, the
page's origin and the visitor's network, is good for some minutes, and once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from api.addresses import network_of
from api.callers import Callers
from api.origins import normal_origin
from api.problems import Problem
from api.routes import BODY_PROBLEMS, UrlRow
from api.shop.models import FormTokenRequest, GrantedFormToken
from bridge.protocols import Clock
from config.models import Config

#: Seconds that a token is good for: a page asks for it when the form is sent.
LIFETIME = 300.0
_TOKEN = re.compile(r"(\d{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class FormToken:
    """A token that is believed; that it was used before is not known here."""

    token_id: str
    #: Seconds since the epoch.
    expires_at: float


class FormTokens:
    """Grants and reads tokens. The key lives with the process: after a restart pages get new ones."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def grant(self, site: str, origin: str, client_ip: str, now: float) -> tuple[str, float]:
        """A new token, and when it expires."""
        expires, nonce = int(now + LIFETIME), secrets.token_urlsafe(16)
        return f"{expires}.{nonce}.{self._mac(site, origin, client_ip, expires, nonce)}", float(expires)

    def read(self, token: str, site: str, origin: str, client_ip: str, now: float) -> FormToken | None:
        """The token, if it is one of this site, origin and network, and has not expired."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        expires, nonce = int(found[1]), found[2]
        right = hmac.compare_digest(found[3], self._mac(site, origin, client_ip, expires, nonce))
        return FormToken(f"form:{nonce}", float(expires)) if right and now < expires else None

    def _mac(self, site: str, origin: str, client_ip: str, expires: int, nonce: str) -> str:
        bound = (site, normal_origin(origin), network_of(client_ip), str(expires), nonce)
        return hmac.new(self._key, "\0".join(bound).encode(errors="replace"), hashlib.sha256).hexdigest()


class FormTokenEndpoints:
    """Gives tokens to pages."""

    def __init__(self, config: Callable[[], Config], clock: Clock, tokens: FormTokens) -> None:
        self._clock = clock
        self._tokens = tokens
        self._callers = Callers(config, clock)

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of tokens."""
        refusals = (Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LIMIT_REQUESTS)
        return (
            UrlRow("POST", "/v1/calls/token", self.grant, "form_token", status=201,
                  problems=(*BODY_PROBLEMS, *refusals), for_sites=True),
        )  # fmt: skip

    async def grant(self, wanted: FormTokenRequest, request: Request) -> GrantedFormToken:
        """A token for one call: of this site, from a page of this origin, by this visitor, within minutes."""
        address = self._callers.admit(request)
        name, _, origin = self._callers.site(wanted.site_key, request)
        token, expires_at = self._tokens.grant(name, origin, address, self._clock.time())
        return GrantedFormToken(form_token=token, expires_at=expires_at)
