"""What pages of shops send, and the answers. Times are seconds since the epoch; numbers are E.164."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.proofs import MAX_PROOF
from api.subprotocol.legs import IceServer
from api.typed_numbers import Country, TypedNumber
from bridge.callback import CallbackState
from bridge.progress import CallProgress

if TYPE_CHECKING:  # the commands, which read answers with these models, need not load the outbox
    pass


_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
RequestKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22,64}$")]
SiteKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Page = Annotated[str, Field(max_length=2048, pattern=_PRINTABLE)]
Token = Annotated[str, Field(max_length=12288, pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]


class OfThread(BaseModel):
    """The chat that a call is to come of."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    token: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="The chat's token.")


class CallRequest(BaseModel):
    """A shopper's request to be called, or to talk in the browser."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    by: Literal["phone", "pc"] = Field(default="phone", description="How the shopper talks.")
    number: TypedNumber | None = Field(
        default=None,
        description="As the shopper typed it. Who talks by pc may leave it out: nobody calls back then.",
        examples=["(617) 555-0123"],
    )
    country: Country | None = Field(
        default=None, description="Where a number without +… belongs to; goes with it.", examples=["US"]
    )
    page: Page = Field(default="", description="The page that the shopper is on.")
    context: dict[str, JsonValue] = Field(
        default={},
        description="What the page tells of the shopper, such as cart and customer; nested as it likes.",
        examples=[{"cart": {"value": 120.5, "count": 3}, "customer": {"name": "Ann"}}],
    )
    form_token: Annotated[str, Field(max_length=128)] | None = Field(
        default=None, description="From /v1/calls/token; some sites want one for each call."
    )
    request: RequestKey | None = Field(
        default=None,
        description="Random, made by the page for one wish of its shopper: asked again with the same key "
        "within 10 minutes, the server tells of the same call.",
    )
    proof: Annotated[str, Field(max_length=MAX_PROOF)] | None = Field(
        default=None,
        description="The solution of a challenge of /v1/page/challenge, as altcha writes it: base64 of JSON.",
    )
    signed: Token | None = Field(
        default=None,
        description="What the retailer's server has signed for this call: a JSON Web Token (RFC 7519).",
    )
    visitor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,43}$")] | None = Field(
        default=None, description="The loader's id of the visitor, to find what they were offered before."
    )
    offer: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,160}$")] | None = Field(
        default=None, description="The invitation that the shopper accepted, by its id of /v1/page."
    )
    thread: OfThread | None = Field(
        default=None,
        description="The shopper's chat: what is known of them goes along, and its agent is rung first. "
        "Such a call needs neither form token nor proof nor signed data.",
    )


class FormTokenRequest(BaseModel):
    """A page that is about to ask for a call."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")


class GrantedFormToken(BaseModel):
    """A token for one call of this page's visitor."""

    form_token: str
    expires_at: float


class StartedCall(BaseModel):
    """A call that was started, and the token that opens it."""

    id: str
    token: str = Field(description="Secret: its holder may watch and end the call.")
    expires_at: float = Field(description="The token's end; an hour after the call's end if that is sooner.")
    events: str = Field(
        description="Path of the WebSocket of live progress. Offer the subprotocols ringback.v2 and "
        "token.<token>; messages of type progress are its lines, the last one has state ended."
    )
    progress: CallProgress
    leg: str | None = Field(description="The leg in the shopper's browser; null for one on the phone.")
    ice_servers: list[IceServer] = Field(
        description="For RTCPeerConnection, where the shopper talks by pc; else none."
    )


class CallbackView(BaseModel):
    """A callback as its shopper sees it."""

    at: float = Field(description="When the shopper is called back, or was.")
    when: str = Field(
        description="The same in words, after 'We will call you back'.",
        examples=["on Tuesday, November 24 at 4:30 p.m. (New York time)"],
    )
    state: CallbackState
    link: str = Field(description="The shopper's page about it; its last part is the callback's secret.")
