"""Messages about canned replies, on the agents' WebSocket."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import FromServer
from api.subprotocol.chat import OfChat


class AskCanned(OfChat):
    """Send the canned replies that the agent has in a chat of theirs, filled in by what is known now."""

    type: Literal["ask_canned"]


class CannedOption(BaseModel):
    """A canned reply, as it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    text: str = Field(description="what nobody knows stands between ⟦ and ⟧: a text with a gap is refused")
    gaps: list[str] = Field(description="what the gaps ask for, in order")


class CannedReplies(FromServer):
    """The canned replies that the agent has in a chat, by title."""

    type: Literal["chat_canned"] = "chat_canned"
    chat_id: str
    replies: list[CannedOption]
