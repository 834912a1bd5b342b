"""The page token: who the retailer's server says is on the page, for rules alone.

It is a token of :mod:`api.signatures` with ``"for": "page"``, good for an hour at most, as often as the page
likes. ``visitor`` is the retailer's id of the shopper; ``context``, which may be left out, is what rules read
as ``signed``. No call is asked for with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from api.data_pass import passed
from api.signatures import LEEWAY, not_believed, signed_claims, signed_text
from config.sections.sites import Site

#: Seconds that a page token is good for at most.
LONGEST_LIFE = 3600.0
LONGEST_VISITOR = 64
#: Tokens whose signature need not be checked again.
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class PageIdentity:
    """What a page token says."""

    #: As calls name who the retailer's server says it is: ``shop:4711``. No random id has a colon.
    visitor: str
    signed: Mapping[str, str]
    #: Seconds since the epoch.
    expires_at: float


class PageTokens:
    """Reads page tokens; remembers those that it has read, as a page sends the same one with each request."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[Site, PageIdentity]] = OrderedDict()

    def read(self, token: str, name: str, site: Site, now: float) -> PageIdentity:
        """What it says; :class:`api.problems.RequestError` for one that is not believed."""
        key = (name, token)
        known = self._known.get(key)
        # After a reload the site is another: its keys may have changed.
        if known is not None and known[0] is site and now < known[1].expires_at:
            self._known.move_to_end(key)
            return known[1]
        identity = _read(token, name, site, now)
        self._known[key] = (site, identity)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return identity


def _read(token: str, name: str, site: Site, now: float) -> PageIdentity:
    claims = signed_claims(
        token,
        site.data_pass.signing,
        name,
        now,
        purpose="page",
        required=("visitor",),
        lifetime=LONGEST_LIFE,
    )
    visitor = signed_text(claims, "visitor", LONGEST_VISITOR)
    context = claims.get("context", {})
    if not isinstance(context, dict):
        raise not_believed("its context is no object")
    signed = passed(context, site.data_pass, "body.token.context")
    return PageIdentity(f"{name}:{visitor}", signed, claims["exp"] + LEEWAY)
