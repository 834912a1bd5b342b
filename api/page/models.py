"""What the loader on a shop's page asks and tells, and the answers. Times are seconds since the epoch.

A loader may be one version older or newer than the server. So a field that is not declared is ignored, a word
that is not known means nothing, and each side says its version in ``v``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

#: The version that this server speaks.
VERSION = 1
#: Bytes of a request of the page, and of an event.
MOST_ASKED = 4096
MOST_TOLD = 2048
#: Facts that a page may tell at once.
MOST_FACTS = 64

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
SiteKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
#: 96 to 256 random bits that the page made.
RandomId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,43}$")]
FactName = Annotated[str, Field(min_length=1, max_length=64)]
FactText = Annotated[str, Field(max_length=200, pattern=_PRINTABLE)]
Fact = bool | Annotated[float, Field(allow_inf_nan=False)] | FactText
PageUrl = Annotated[str, Field(max_length=2048, pattern=_PRINTABLE)]
ShortWord = Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9_-]*$")]
OfferId = Annotated[str, Field(max_length=160, pattern=r"^[A-Za-z0-9_.-]+$")]
PageToken = Annotated[
    str, Field(max_length=2048, pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")
]

Way = Literal["phone", "pc", "chat"]
#: Open, open later (a callback or a message can be had now), or not shown at all.
WayState = Literal["open", "later", "hidden"]
LaterWay = Literal["callback", "message"]
Launcher = Literal["bottom_end", "bottom_start", "none"]
OfferPlace = Literal["corner", "top"]


class FromLoader(BaseModel):
    """What every request of a page says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Annotated[int, Field(ge=1, le=1000)] = Field(default=VERSION, description="the loader's version")
    site: SiteKey = Field(description="the site's public key")
    view: RandomId = Field(description="a random id of this page view, never stored")
    visitor: RandomId | None = Field(
        default=None,
        description="128 random bits that the page keeps, only after consent or the shopper's own click",
    )
    token: PageToken | None = Field(default=None, description="the page token that `identify` was given")


class PageNow(BaseModel):
    """The page that the shopper is on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: PageUrl = Field(description="with its query, without its fragment")
    title: Annotated[str, Field(max_length=200)] = ""
    referrer: PageUrl = Field(default="", description="its origin, and the allowed part of its query")


class PageQuestion(FromLoader):
    """Here is what I know: what shall I show? (`POST /v1/page`)"""

    consent: bool = Field(default=False, description="whether the shopper agrees to be remembered")
    fresh: bool = Field(
        default=False, description="whether this page made `visitor`, so that nobody can know them yet"
    )
    language: Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] = Field(
        default="", description="of `<html lang>`, else the browser's"
    )
    page: PageNow
    device: ShortWord = Field(default="desktop", description="`phone`, `tablet` or `desktop`")
    facts: Annotated[dict[FactName, Fact], Field(max_length=MOST_FACTS)] = Field(
        default={}, description="the cheap ones, and those that were asked for"
    )
    busy: Annotated[list[ShortWord], Field(max_length=8)] = Field(
        default=[],
        description="why no invitation may appear now: `typing`, `dialog`, `in_contact`, `hidden_tab`, "
        "`opted_out`",
    )
    trusted: bool = Field(default=False, description="whether the page saw one trusted input event")


class PageChatField(BaseModel):
    """A field of the form before a chat."""

    key: str = Field(description="its name in the chat's `context`")
    label: str
    required: bool


class PageChat(BaseModel):
    """How the site's shoppers chat."""

    fields: list[PageChatField] = Field(description="what is asked before a chat")
    guided: bool = Field(description="whether questions come before people")
    escalate: list[Literal["phone", "pc"]] = Field(description="how shopper and agent may talk instead")
    longest: int = Field(description="the longest entry, in characters")
    transcript: bool = Field(description="whether the shopper may save what was said, or have it mailed")


class PageForm(BaseModel):
    """The panel's own form, by which shoppers leave a number or an address and are answered later."""

    when: Literal["nobody", "always"] = Field(description="where nobody is there, or beside calls and chats")
    times: bool = Field(description="whether a time for the call may be chosen")
    consent: dict[str, str] = Field(description="what stands above its button, by language; empty: nothing")


class PageSite(BaseModel):
    """What the page needs to know of its site; it changes with the settings alone."""

    label: str = Field(description="the shop's name, as shoppers read it")
    theme: dict[str, str] = Field(description="CSS custom properties by name: `accent`, `on_accent`, …")
    dark_theme: dict[str, str] | None = Field(
        description="for shoppers whose system is dark; null: `theme` for everybody"
    )
    languages: list[str] = Field(description="the first one where none fits")
    launcher: Launcher = Field(description="where the floating button is")
    ways: list[Way] = Field(description="the ways to talk, in the order in which they are offered")
    country: str | None = Field(description="where a number without +… belongs to; null: ask")
    answers: list[Way] = Field(
        description="the ways before which the panel shows answers; empty: it has none"
    )
    chat: PageChat | None = Field(default=None, description="null: they do not chat")
    form: PageForm | None = Field(default=None, description="null: there is none")
    countries: list[str] = Field(description="those that may be asked for (ISO 3166-1), preset to the first")
    form_token: bool = Field(description="whether a call needs a token of /v1/calls/token")
    consent: Literal["required", "not_needed"] = Field(description="whether to wait for consent(true)")
    explain: bool = Field(description="whether explain() answers")
    shared_view: bool = Field(default=False, description="whether a shopper can show a page by a code")
    query: list[str] = Field(
        default=[], description="what of the page's query the page tells, beside `utm_…`: what rules read"
    )


class Ways(BaseModel):
    """How each way to talk stands."""

    phone: WayState
    pc: WayState
    chat: WayState


class Later(BaseModel):
    """What can be had now where nobody can talk."""

    ways: list[LaterWay]
    opens_at: float | None = Field(description="when it opens again; null: unknown, or the queue is full")
    opens: str = Field(description="the same in words, in the shop's time: `on Monday at 9:00 a.m.`")


class RuleButton(BaseModel):
    """A button that a rule shows."""

    way: Way
    offer: str | None = Field(description="to name in the events about it; null: it is not counted")
    arm: Literal["shown", "control"] = Field(description="`control`: show nothing, and tell it as `exposed`")
    text: str = Field(description="what is on it; empty: the widget's own words")


class PageOffer(BaseModel):
    """An invitation to show once: the shopper accepts it, declines it or ignores it."""

    id: str = Field(description="opaque; to name in the events about it")
    kind: Literal["invitation"]
    arm: Literal["shown", "control"] = Field(description="`control`: show nothing, and tell it as `exposed`")
    way: Way
    text: str
    place: OfferPlace


class AskAgain(BaseModel):
    """When to ask again; otherwise no earlier than on the next page."""

    facts: list[str] = Field(description="when one of these changes, tell them")
    seconds: float | None = Field(
        description="after so many seconds of visible time; null: time changes nothing"
    )
    busy: bool = Field(description="when a reason of `busy` passes")


class PagePlan(BaseModel):
    """What the page shows, and when it asks again. It never names a rule, a condition or a segment."""

    v: int = Field(description="the server's version")
    site: PageSite
    widget: str = Field(
        description="path of the widget's module, after the loader's base; empty: none is built"
    )
    state: WayState = Field(description="the best of `ways`")
    ways: Ways
    later: Later | None
    buttons: list[RuleButton] = Field(description="that rules show")
    offer: PageOffer | None
    ask_again: AskAgain
    watch: dict[str, str] = Field(description="fact → CSS selector whose matches it counts")
    watch_kinds: dict[str, Literal["text", "truth"]] = Field(
        default={},
        description="facts of `watch` that are no count: what the first match says, or whether there is one",
    )
    follow: str = Field(
        default="",
        description="path of the module that follows the page, after the loader's base; empty: none is built",
    )
    words: dict[str, str] = Field(
        default={}, description="what the loader itself shows, in the shopper's language, by name"
    )


class PageEvent(FromLoader):
    """What became of an offer or a button, one at a time and at once. (`POST /v1/page/events`)

    The control arm is told as `exposed` by the same path, at the moment at which it would have been shown.
    """

    what: ShortWord = Field(
        description="`exposed`, `seen` (10 s in sight), `accepted`, `declined`, `ignored`, `held`, "
        "`button_seen`, `button_clicked`, `opted_out`, `converted`"
    )
    offer: OfferId | None = Field(default=None, description="the offer's id")
    consent: bool = False
    reason: ShortWord = Field(default="", description="of `held`: why it was not shown after all")
    place: Annotated[str, Field(max_length=100, pattern=_PRINTABLE)] = Field(
        default="", description="of a button: its `data-ringback-name`, else its id, else `launcher`"
    )
    way: ShortWord = Field(default="", description="of a button: what it opens")
    page: PageUrl = Field(default="", description="of a button: the page's path")
    device: ShortWord = "desktop"
    ref: Annotated[str, Field(max_length=100, pattern=_PRINTABLE)] = Field(
        default="", description="of `converted`: the order's reference"
    )
    value: Annotated[int, Field(ge=0, le=10**12)] | None = Field(
        default=None, description="of `converted`: money in minor units, such as cents"
    )
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = Field(
        default="", description="of `converted`: by ISO 4217"
    )


class WaysNow(BaseModel):
    """Whether what is about to be shown, or was clicked, is still true. (`GET /v1/page/SITE_KEY/now`)"""

    state: WayState
    ways: Ways
    later: Later | None
    offer: Literal["open", "callback", "gone"] | None = Field(
        description="what the offer of the question is now; `gone`: it was never made, or is too old"
    )
    why: Literal["agents", "hours", "queue"] | None = Field(description="why it is no longer `open`")


class ExplainedRule(BaseModel):
    """What one rule came to in one decision."""

    rule: str
    condition: str = Field(description="`true`, `false` or `unknown`")
    waits_for: list[str] = Field(description="the facts that could still decide it")
    held: str = Field(
        description="why it was not shown though its condition holds; empty: it was, or does not hold"
    )
    text: str = Field(description="all of it in words")


class ExplainedDecision(BaseModel):
    """One decision of this visit."""

    at: float
    url: str
    shown: str = Field(description="the rule whose invitation was offered; empty: none")
    rules: list[ExplainedRule]


class Explained(BaseModel):
    """The last decisions of this visit, the newest last. (`POST /v1/page/explain`)"""

    decisions: list[ExplainedDecision]
