"""Messages of a call's WebSocket, ``/v1/calls/{id}/events``, beside those about the shopper's leg."""

from __future__ import annotations

from dataclasses import MISSING, asdict, fields
from typing import Any, Literal, get_type_hints

from pydantic import Field, create_model

from api.subprotocol.base import FromPage, FromServer, Refused
from api.subprotocol.legs import LEG_TOLD
from api.subprotocol.views import VIEW_ASKED_TOLD
from bridge.progress import CallProgress


class PageAnswer(FromPage):
    """The page opens what it was sent, or the shopper does not want it."""

    type: Literal["page_answer"]
    push: int = Field(description="as in `open_page`")
    accepted: bool


class OpenPage(FromServer):
    """Open this page: once the shopper has agreed, or at once."""

    type: Literal["open_page"] = "open_page"
    push: int = Field(description="its number in this call")
    url: str
    title: str
    mode: Literal["ask", "go"]


class _Times(FromServer):
    """A line of the call's progress. It tells all there is to know, so a missed one is no loss."""

    type: Literal["progress"] = "progress"
    now: float = Field(description="the server's clock, in seconds since 1970")
    started_at: float | None = Field(description="when the call was requested")
    bridged_at: float | None = Field(description="when the two first talked")


_HINTS = get_type_hints(CallProgress)
_FIELDS: dict[str, Any] = {
    each.name: (_HINTS[each.name], ... if each.default is MISSING else each.default)
    for each in fields(CallProgress)
}
#: The message ``progress``: the fields of a line, and the times by which a page counts.
Progress: type[FromServer] = create_model("Progress", __base__=_Times, __doc__=_Times.__doc__, **_FIELDS)


def progress(
    line: CallProgress, now: float, started_at: float | None, bridged_at: float | None
) -> FromServer:
    """A line with what a page needs to count times by no clock but ours, also after a reload."""
    return Progress(now=now, started_at=started_at, bridged_at=bridged_at, **asdict(line))


SHOPPER_TOLD: tuple[type[FromServer], ...] = (
    Progress,
    OpenPage,
    *VIEW_ASKED_TOLD,
    *LEG_TOLD,
    Refused,
)
