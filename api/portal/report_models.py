"""What the portal's pages are told of reports."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

#: By their ids; null where there is nothing to tell, such as a share of nothing.
Metrics = dict[str, float | None]


class MetricView(BaseModel):
    """What a metric is called, and what it means: shown beside the number."""

    id: str
    label: str
    definition: str
    unit: Literal["count", "share", "seconds"]
    better: Literal["more", "less"] | None = Field(description="Which is better; null where neither is.")


class PeriodView(BaseModel):
    """Whole days in a time zone."""

    first: str = Field(description="The first day, ISO 8601.")
    last: str = Field(description="The last day.")
    zone: str
    begins: int = Field(description="Seconds since the epoch.")
    ends: int


class StepView(BaseModel):
    """One stretch of the period."""

    begins: int
    ends: int
    label: str = Field(description="When it begins, ISO 8601 with the zone's offset.")
    metrics: Metrics


class GroupView(BaseModel):
    """One value of what the whole is told apart by."""

    value: str = Field(description="Empty for what has none, such as calls that nobody took.")
    label: str
    metrics: Metrics
    before: Metrics | None = Field(description="In the period before; null where none is compared.")


class HeatView(BaseModel):
    """An hour of the week, by the clock on the wall."""

    weekday: int = Field(description="Monday is 0.")
    hour: int
    metrics: Metrics


class KeptNote(BaseModel):
    """A report of two parts is counted from the calls or chats that are kept: counts have one part each."""

    since: float | None = Field(description="Those before are not kept any more; null: all are.")
    most: int = Field(description="So many are counted at most.")


class ReportView(BaseModel):
    """A report. Sums over its parts are the whole; but queues share agents, whose time each of them has."""

    channel: Literal["calls", "chats", "agents"]
    definitions: list[MetricView]
    period: PeriodView
    total: Metrics
    before: Metrics | None = Field(description="The whole of the period before, if compared.")
    period_before: PeriodView | None
    every: Literal["hour", "day", "week", "month"]
    steps: list[StepView]
    steps_before: list[StepView]
    by: str = Field(description="Empty where it is not told apart.")
    groups: list[GroupView]
    heat: list[HeatView]
    kept: KeptNote | None = Field(default=None, description="Null where counts tell it, which stay for ever.")


class AtOnceStep(BaseModel):
    """The most at once in one stretch; null where it is not known."""

    begins: int
    ends: int
    label: str = Field(description="When it begins, ISO 8601 with the zone's offset.")
    most: int | None
    at: float | None = Field(description="When that was first reached, in seconds since the epoch.")
    at_label: str | None = Field(description="The same, ISO 8601 with the zone's offset.")


class AtOnceView(BaseModel):
    """The most calls or chats that were there at the same moment."""

    definition: MetricView
    period: PeriodView
    every: Literal["hour", "day", "week", "month"]
    total: AtOnceStep = Field(description="Of the whole period.")
    steps: list[AtOnceStep]


class NamedChoice(BaseModel):
    """A value with what people call it."""

    value: str
    label: str


class ReportChoices(BaseModel):
    """What a report may be asked for."""

    sites: list[NamedChoice]
    routes: list[NamedChoice]
    queues: list[NamedChoice]
    agents: list[NamedChoice]
    zones: list[str] = Field(description="Of the sites' opening hours, and UTC.")
    calls: list[MetricView]
    chats: list[MetricView]
    agent_time: list[MetricView]


class TalkView(BaseModel):
    """A call or a chat in a list."""

    id: str
    at: float = Field(description="Seconds since the epoch.")
    site: str
    route: str
    queue: str
    who: str = Field(description="Who took it; empty for nobody.")
    page: str = Field(description="Its path.")
    rule: str
    outcome: str
    wait: float | None = Field(description="Until a person accepted, in seconds.")
    length: float = Field(description="How long the two sides talked, or the agent had the chat.")


class TalkList(BaseModel):
    """Some of them, the newest first."""

    talks: list[TalkView]
    next: str | None


class AgentSpanView(BaseModel):
    """What an agent did for a while."""

    agent: str
    label: str
    state: str
    begins: float = Field(description="Seconds since the epoch.")
    ends: float | None = Field(description="Null while it goes on.")


class AgentSpanList(BaseModel):
    """Some of them, the newest first."""

    spans: list[AgentSpanView]
    next: str | None


class StoryEvent(BaseModel):
    """One thing that happened around a call or chat."""

    at: float
    kind: Literal[
        "page", "offer", "chat", "chat_accepted", "chat_answered", "chat_ended", "call", "shopper_dialled",
        "shopper_answered", "dialled", "answered", "joined", "leg_ended", "call_ended", "wrap_up", "message",
        "callback", "order", "lead", "contact", "promise", "breach", "answer", "lead_closed", "view",
        "recording",
    ]  # fmt: skip
    text: str = Field(description="In words, without phone numbers.")
    talk: str | None = Field(default=None, description="Another call or chat, as calls/ID or chats/ID.")
    recording: str | None = Field(
        default=None, description="A recording, where this is one; heard at /v1/portal/recordings/ID/audio."
    )


class TalkStoryView(BaseModel):
    """All around one call or chat, in its order."""

    talk: TalkView
    number: str = Field(description="Masked; empty where there is none.")
    events: list[StoryEvent]
