"""What is older than the settings want it kept: what the next sweep takes."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.askers import Whose
from api.core import Core


class ExpiredEntry(BaseModel):
    """What the next sweep takes of one kind."""

    site: str = Field(description="Empty for what is of no site: deliveries, and files without a message.")
    kind: str = Field(description="calls, visitors, callbacks, deliveries or files.")
    before: float = Field(description="What is older than this goes.")
    count: int


class ExpiredList(BaseModel):
    """What the next sweep takes."""

    expired: list[ExpiredEntry]


class Retained:
    """The endpoint of ``/v1/retention``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list(self, asker: Whose) -> ExpiredList:
        """What is older than the settings want it kept; nothing is deleted by asking."""
        return ExpiredList(
            expired=[
                ExpiredEntry(site=each.site, kind=each.kind, before=each.before, count=each.count)
                for each in await self._core.expired()
                if asker.sees(each.site)
            ]
        )
