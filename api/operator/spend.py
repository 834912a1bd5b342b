"""What the calls of the day have cost, for the operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, Field

from api.askers import Whose
from api.routes import Audience, UrlRow
from bridge.spend import SpendStanding


class SpendEntry(BaseModel):
    """What an account's day has cost so far, and is reserved for."""

    account: str = Field(description="`site:NAME` or `trunk:NAME`.")
    day: str = Field(description="Its day, in its time zone.")
    currency: str
    spent: str = Field(description="An exact decimal.")
    cap: str | None
    minutes: float
    cap_minutes: int | None
    live_legs: int = Field(description="Legs that live, and may still cost something.")
    level: int = Field(
        description="0; the percentage of the first alarm; 100: no new call begins until the next day."
    )


class SpendList(BaseModel):
    """The accounts of the settings."""

    spend: list[SpendEntry]


class SpendEndpoints:
    """Shows what sites and trunks have spent today: ``standings``."""

    def __init__(self, standings: Callable[[], Sequence[SpendStanding]]) -> None:
        self._standings = standings

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of what was spent."""
        return (UrlRow("GET", "/v1/spend", self.list, "spend", Audience.OPERATOR),)

    async def list(self, asker: Whose) -> SpendList:
        """What sites and trunks have spent today, and may; a customer sees their sites."""
        return SpendList(
            spend=[
                SpendEntry(
                    account=each.account,
                    day=each.day,
                    currency=each.currency,
                    spent=f"{each.spent.normalize():f}",
                    cap=None if each.cap is None else f"{each.cap:f}",
                    minutes=round(float(each.minutes), 2),
                    cap_minutes=each.cap_minutes,
                    live_legs=each.live_legs,
                    level=each.level,
                )
                for each in self._standings()
                if asker.sees(_site_of(each.account))
            ]
        )


def _site_of(account: str) -> str:
    """The site whose account it is; empty for a trunk's, which several customers may share."""
    kind, _, name = account.partition(":")
    return name if kind == "site" else ""
