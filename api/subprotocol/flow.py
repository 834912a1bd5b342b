"""Messages about guided chats, on the shopper's WebSocket of a chat. What shoppers type is ``chat_say``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import FromPage, FromServer
from config.sections.flows import FlowWay, QuestionKind


class MoveInFlow(FromPage):
    """Skip the question, change an answer, ask for a person, or go one of the `ways`."""

    type: Literal["chat_step"]
    do: Literal["skip", "back", "person", "way"]
    to: Annotated[str, Field(max_length=64)] = Field(
        default="",
        description="with `back` the `key` of an answer, empty for the last; with `way` one of them",
    )


class FlowQuestionTold(BaseModel):
    """The question that is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    text: str
    kind: QuestionKind
    choices: list[str] = Field(description="what there is to choose from; none where there are too many")
    may_skip: bool
    value: str = Field(description="the answer that is being changed")
    consent: str = Field(description="what the shopper agrees to by answering")


class FlowWayTold(BaseModel):
    """A way on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: FlowWay
    label: str


class FlowAnswerTold(BaseModel):
    """An answer, which the shopper may change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    label: str
    value: str = Field(description="empty where the question was skipped")


class FlowStands(FromServer):
    """What a guided chat waits for. Sent on following it, and at each change."""

    type: Literal["chat_flow"] = "chat_flow"
    question: FlowQuestionTold | None = Field(description="null where the shopper is offered `ways`")
    ways: list[FlowWayTold]
    answers: list[FlowAnswerTold]
    over: bool = Field(default=False, description="whether nothing is asked any more")
