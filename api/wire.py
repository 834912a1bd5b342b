"""What requests and answers look like. Times are seconds since the epoch; numbers are E.164."""

from __future__ import annotations

from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridge.cdr import CallRecord
from bridge.progress import CallProgress

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


def _known_country(country: str) -> str:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("write a country by its two letters (ISO 3166-1), such as US")
    return country


SiteKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
TypedNumber = Annotated[str, Field(min_length=1, max_length=40)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_known_country)]
Page = Annotated[str, Field(max_length=2048, pattern=_PRINTABLE)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Value = (
    Annotated[str, Field(max_length=512, pattern=_PRINTABLE)]
    | bool
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[float, Field(allow_inf_nan=False)]
)


class CallRequest(BaseModel):
    """A shopper's request to be called."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    number: TypedNumber = Field(description="As the shopper typed it.", examples=["(617) 555-0123"])
    country: Country = Field(description="Where a number without +… belongs to.", examples=["US"])
    page: Page = Field(default="", description="The page that the shopper is on.")
    context: Annotated[dict[Key, Value], Field(max_length=32)] = Field(
        default={}, description="What the page tells of the shopper, such as cart and customer."
    )

    def context_texts(self) -> dict[str, str]:
        """The context with every value as text; true and false as JSON writes them."""
        return {
            key: str(value).lower() if isinstance(value, bool) else str(value)
            for key, value in self.context.items()
        }


class PlacedCall(BaseModel):
    """A call that was started, and the token that opens it."""

    id: str
    token: str = Field(description="Secret: whoever has it may watch and end the call.")
    expires_at: float = Field(description="The token's end; an hour after the call's end if that is sooner.")
    events: str = Field(
        description="Path of the WebSocket of live progress. Offer the subprotocols ringback.v1 and "
        "token.<token>; each message is a line of progress, the last one has state ended."
    )
    progress: CallProgress


class CallList(BaseModel):
    """The live calls: the newest line of each."""

    calls: list[CallProgress]


class CdrList(BaseModel):
    """A page of finished calls, newest first."""

    cdrs: list[CallRecord]
    next: str | None = Field(description="cursor of the next page; null on the last one.")


class Reloaded(BaseModel):
    """The new configuration is in force."""

    loaded_at: float


class Alive(BaseModel):
    """The process answers."""

    alive: Literal[True] = True


class PoolHealth(BaseModel):
    """The media workers."""

    has_room: bool
    workers: int
    slots: int
    free_slots: int


class StoreHealth(BaseModel):
    """The database."""

    writable: bool


class ConfigHealth(BaseModel):
    """The settings in force, and how the last reload went."""

    loaded_at: float
    failed_at: float | None = Field(description="When a reload was last refused; null if the last succeeded.")
    problems: int = Field(description="How many problems the refused file had.")


class TrunkHealth(BaseModel):
    """A trunk that registers."""

    registered: bool
    status: int | None


class Readiness(BaseModel):
    """Whether new calls should be sent here, and why not."""

    ready: bool
    draining: bool
    pool: PoolHealth
    store: StoreHealth
    config: ConfigHealth
    trunks: dict[str, TrunkHealth]
