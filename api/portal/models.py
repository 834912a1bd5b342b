"""What the portal's pages send over HTTP to log in, and what they are answered."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from config.sections.operators import OperatorRight


class OperatorLogin(BaseModel):
    """An operator and their password."""

    model_config = ConfigDict(extra="forbid", strict=True)

    operator: str = Field(min_length=1, max_length=64, description="Their name in the settings.")
    password: str = Field(min_length=1, max_length=1024)
    code: str | None = Field(
        default=None,
        pattern=r"^[0-9]{6}$",
        description="Of the operator's authenticator app, if they have one.",
    )


class OperatorMe(BaseModel):
    """An operator, as their own pages see them."""

    operator: str
    label: str
    rights: list[OperatorRight]


class AuditEntryView(BaseModel):
    """Something that an operator did or looked at."""

    id: int
    at: float = Field(description="Seconds since the epoch.")
    operator: str
    label: str = Field(description="What the settings call them now; their name if they are gone.")
    address: str
    what: str = Field(description="In the past tense, such as call_opened.")
    about: dict[str, str | int | float | bool | None] = Field(description="Ids and names.")


class AuditPage(BaseModel):
    """Entries, the newest first."""

    entries: list[AuditEntryView]
    next: int | None = Field(description="Where the next page begins: its `before`.")
