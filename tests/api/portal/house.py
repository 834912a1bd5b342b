"""A shop with operators: one who may everything, others by their rights."""

from __future__ import annotations

from typing import Any, get_args

import httpx

from config.models import Config
from config.sections.operators import OperatorRight
from tests.api.pages import PASSWORD
from tests.api.serving import Server
from tests.api.test_browser_legs import QUICK, agents_answer

RIGHTS: tuple[OperatorRight, ...] = get_args(OperatorRight)
#: What pages of the portal send.
OWN = {"Origin": "http://ringback.example"}


def staffed(*, totp: str | None = None, **site: Any) -> Config:
    """The shop with agents, with olivia who has all rights, and for each right somebody who has no other."""
    config = agents_answer(**site).model_dump(mode="json", context={"reveal": True})
    people: dict[str, Any] = {
        "olivia": {"label": "Olivia", "password_hash": QUICK, "rights": list(RIGHTS)},
        **{each: {"label": each.title(), "password_hash": QUICK, "rights": [each]} for each in RIGHTS},
    }
    if totp:
        people["olivia"]["totp_secret"] = totp
    return Config.model_validate({**config, "operators": people}, strict=False)


async def log_in(server: Server, operator: str = "olivia", **more: str) -> httpx.Response:
    """Log in; the cookie stays with the client of the server."""
    return await server.http.post(
        "/v1/portal/login", json={"operator": operator, "password": PASSWORD, **more}, headers=OWN
    )
