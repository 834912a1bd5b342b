"""What the agents' page sends over HTTP, and what it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from routing.directory import AgentState

if TYPE_CHECKING:  # the commands, which read answers with these models, need not load the outbox
    pass


class AgentLogin(BaseModel):
    """An agent and their password."""

    model_config = ConfigDict(extra="forbid", strict=True)

    agent: str = Field(min_length=1, max_length=64, description="Their name in the settings.")
    password: str = Field(min_length=1, max_length=1024)
    code: str | None = Field(
        default=None,
        pattern=r"^[0-9]{6}$",
        description="Of the agent's authenticator app, if they have one.",
    )


class AgentMe(BaseModel):
    """An agent, as their own page sees them."""

    agent: str
    label: str
    state: AgentState
