"""A shopper's browser for tests: asks what to show, and tells what became of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

from config.models import Config
from tests.api.serving import Server
from tests.api.shop import ORIGIN, SITE_KEY, settings

TEXT = {"Content-Type": "text/plain;charset=UTF-8"}
#: Rules of the shop, as most tests want them.
RESCUE: dict[str, Any] = {
    "when": "promo.failed >= 2",
    "show": {"invitation": "phone", "text": {"en": "Trouble with a code? Talk to us."}},
}


def shop(rules: dict[str, Any], page: dict[str, Any] | None = None, **more: Any) -> Config:
    """A shop with engagement rules; ``holdout`` and ``caps`` may be among ``more``."""
    engage = {"rules": rules, **{key: more.pop(key) for key in ("holdout", "caps") if key in more}}
    return settings(more.pop("server", None), engage=engage, page=page or {}, **more)


@dataclass
class Shopper:
    """One browser on one page."""

    server: Server
    visitor: str | None = field(default_factory=lambda: secrets.token_urlsafe(16))
    view: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    origin: str = ORIGIN
    more: dict[str, Any] = field(default_factory=dict)

    def goes_on(self) -> None:
        """Open the next page."""
        self.view = secrets.token_urlsafe(12)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        """Send something as the loader does."""
        said = {"v": 1, "site": SITE_KEY, "view": self.view, "visitor": self.visitor, **self.more, **body}
        return await self.server.http.post(
            path, content=json.dumps(said), headers={**TEXT, "Origin": self.origin}
        )

    async def asks(self, facts: dict[str, Any] | None = None, **body: Any) -> dict[str, Any]:
        """Ask what to show."""
        asked = {
            "consent": self.visitor is not None,
            "page": {"url": "https://shop.example/cart?x=1"},
            "facts": facts or {},
            "trusted": True,
            **body,
        }
        answer = await self.post("/v1/page", **asked)
        assert answer.status_code == 200, answer.text
        plan: dict[str, Any] = answer.json()
        return plan

    async def tells(self, what: str, offer: str | None = None, **body: Any) -> None:
        """Tell what became of an offer."""
        answer = await self.post("/v1/page/events", what=what, offer=offer, **body)
        assert (answer.status_code, answer.content) == (204, b""), answer.text


async def counted(server: Server, site: str = "shop") -> dict[tuple[str, str, str, str], int]:
    """Everything that is counted: rule, arm, outcome and reason, with how often."""
    await server.visits.keeper.write()
    found = await server.stores.visits.counts(0, 2**40, {site})
    total: dict[tuple[str, str, str, str], int] = {}
    for key, n in found.items():
        short = (key.rule, key.arm, key.outcome, key.reason)
        total[short] = total.get(short, 0) + n
    return total
