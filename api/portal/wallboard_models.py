"""What a wallboard shows, and links to it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class BoardAgent(BaseModel):
    """An agent, and since when they do what they do."""

    name: str
    label: str
    state: str
    since: float | None = Field(description="Seconds since the epoch; null: since before anybody looked.")
    chats: int


class BoardQueue(BaseModel):
    """How a queue stands. Lengths are seconds."""

    name: str
    waiting: int
    longest: float
    expected: float
    level_15: float | None = Field(description="Service level of calls and chats, of the last 15 minutes.")
    level_60: float | None = Field(description="Of the last hour.")
    breaches: list[Literal["waiting", "longest_wait", "service_level"]]


class BoardTalks(BaseModel):
    """Live calls by their state, and open chats."""

    calls: dict[str, int]
    chats: int


class BoardLeads(BaseModel):
    """Shoppers nobody served so far."""

    open: int
    due: int = Field(description="Those that an answer is promised to.")
    overdue: int = Field(description="Those whose promise is broken.")


class BoardToday(BaseModel):
    """Today so far, in the zone of the portal: metrics of reports by their ids."""

    zone: str
    calls: dict[str, float | None]
    chats: dict[str, float | None]
    agents: dict[str, float | None] = Field(description="Of agents' time, of all together; empty on a kiosk.")


class Board(BaseModel):
    """All of it."""

    agents: list[BoardAgent] = Field(description="Empty on a kiosk.")
    states: dict[str, int] = Field(description="How many agents do what.")
    queues: list[BoardQueue]
    talks: BoardTalks
    leads: BoardLeads | None = Field(description="Null where there is no follow-up.")
    today: BoardToday
    unread_since: float | None = Field(
        description="Since when today's figures and service levels cannot be read; null where they can."
    )


class BoardSnapshot(BaseModel):
    """The first message, and what follows where the page has missed one."""

    type: Literal["snapshot"] = "snapshot"
    sequence: int
    now: float
    board: Board


class BoardChanges(BaseModel):
    """Once a second: the parts of the board that are not as they were. ``sequence`` counts up by one."""

    type: Literal["changes"] = "changes"
    sequence: int
    now: float
    agents: list[BoardAgent] | None = None
    states: dict[str, int] | None = None
    queues: list[BoardQueue] | None = None
    talks: BoardTalks | None = None
    leads: BoardLeads | None = None
    today: BoardToday | None = None
    unread_since: float | None = None


class KioskWish(BaseModel):
    """A link for a screen on a wall."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: str = Field(min_length=1, max_length=100, description="Where the screen hangs.")
    days: int = Field(ge=1, le=366, description="How long the link is good for.")


class KioskView(BaseModel):
    """A link that was made."""

    id: str
    label: str
    made_by: str
    made_at: float
    expires_at: float


class NewKiosk(BaseModel):
    """A new link: its secret is told this once."""

    link: KioskView
    secret: str


class KioskList(BaseModel):
    """The links that are good."""

    links: list[KioskView]
