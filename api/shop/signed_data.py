"""What the retailer's server has signed for one call: a token (:mod:`api.signatures`), used up by it.

Its ``jti`` is a text that no other token has; ``context`` is the data, as a page passes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from api.data_pass import passed
from api.problems import Problem, RequestError
from api.signatures import LEEWAY, not_believed, signed_claims, signed_text
from config.sections.sites import Site

LONGEST_ID = 128


class UsedTokens(Protocol):
    """Remembers the tokens that are used up; every method may raise store.errors.StoreError."""

    async def use(self, site: str, token_id: str, expires_at: float, now: float) -> bool:
        """Use a token up; whether it was still unused. It is remembered until it expires."""

    async def give_back(self, site: str, token_id: str) -> None:
        """The call that used the token did not come about: it may be used again."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A token that is believed; without an id, none was sent."""

    context: dict[str, str] = field(default_factory=dict)
    token_id: str = ""
    #: Until when it must be remembered, in seconds since the epoch.
    expires_at: float = 0.0


def read_signed(token: str | None, name: str, site: Site, now: float) -> Signed:
    """What the token of a call on this site says; :class:`RequestError` for one that is not believed.

    That it was used before is not known here.
    """
    signing = site.data_pass.signing
    if token is None:
        if signing is not None and signing.token_required:
            raise RequestError(Problem.SIGNED_MISSING)
        return Signed()
    claims = signed_claims(
        token,
        signing,
        name,
        now,
        purpose="call",
        required=("jti", "context"),
        lifetime=signing.lifetime if signing else 0.0,
    )
    token_id = signed_text(claims, "jti", LONGEST_ID)
    if not isinstance(claims["context"], dict):
        raise not_believed("its context is no object")
    context = passed(claims["context"], site.data_pass, "body.signed.context")
    return Signed(context, token_id, claims["exp"] + LEEWAY)
