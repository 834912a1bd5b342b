"""The settings of routes: destinations, opening hours, geography, store tables, ring steps, the route tree.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from config.asterisk import Originate
from config.base import (
    E164,
    Condition,
    Country,
    Day,
    HeaderName,
    Model,
    Name,
    Named,
    Region,
    SipUri,
    SomeSeconds,
    TimeZone,
)
from config.browsers import Talk
from config.endings import Whisper
from config.fields import Form, Seconds

Screen = Literal["none", "press_1", "amd"]
Octet = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{2}$"), Form("two hexadecimal digits, such as 04")]
#: A URL that may hold placeholders; its host may not.
CallInfo = Annotated[
    str,
    Field(pattern=r"^https?://[^\s/?#{}<>\"]+([/?#][^\s<>\"]*)?$", max_length=300),
    Form("a URL with http or https, such as https://crm.example/calls/{call_id}"),
]
EndingName = Annotated[
    str,
    Field(pattern=r"^(message|callback):[a-z0-9][a-z0-9_-]{0,63}$"),
    Form("message: or callback: and a name, such as message:sales"),
]


class Hours(Model):
    """Opening hours with a name: routes, destinations and store tables refer to it."""

    opening_hours: Annotated[str, Field(min_length=1, max_length=2000)]
    """When it is open, in OpenStreetMap's opening_hours syntax:
    `Mo-Fr 09:00-18:00; Sa 10:00-14:00; PH off`."""
    time_zone: TimeZone = "UTC"
    """Where these hours are told; a destination with a time zone of its own takes that."""
    country: Country | None = None
    """The country whose public holidays `PH` means."""
    region: Region | None = None
    """The part of that country, where holidays differ: a state's code or name; or `national`, for the days of
    the whole country alone."""
    holidays: tuple[Day, ...] = ()
    """Days that `PH` means besides, from the operator's own calendar."""
    exceptions: tuple[
        Annotated[str, Form("a day and what holds, such as 2026-12-24 14:00-24:00 closed")], ...
    ] = ()
    """What differs on single days: `2026-12-24 14:00-24:00 closed`, `2026-12-27 10:00-16:00`."""


class Geo(Model):
    """How a shopper's place is found."""

    database: Path | None = None
    """A database in MaxMind's format (.mmdb) that knows the places of IP addresses."""
    prefixes: Path | None = None
    """A CSV table of number prefixes and their places: prefix, country, and if known region, area, latitude,
    longitude, radius_km (how far away such a shopper may be; without it the place counts as measured)."""
    postal_codes: Path | None = None
    """A CSV table of postal codes and their places: postal_code, country, latitude, longitude, and if known
    region, area, radius_km. Store tables say where their own postal codes are; Ringback knows those of the
    USA, and some of other countries."""
    order: Annotated[tuple[Literal["context", "postal", "number", "ip"], ...], Field(min_length=1)] = (
        "context",
        "postal",
        "number",
        "ip",
    )
    """Whom to believe first: coordinates that the page passed (latitude, longitude), its postal_code, the
    shopper's number, or the IP address. What comes later adds what fits."""


class UserToUser(Model):
    """The User-to-User header of the INVITE (RFC 7433), in hex: ISDN and many contact centres carry it on to
    the agent."""

    text: Annotated[str, Field(min_length=1, max_length=600)]
    """What it says; placeholders as in `headers`."""
    discriminator: Octet | None = "00"
    """The octet before the text, in hex: ISDN's protocol discriminator, 00 for the users' own and 04 for
    plain characters. null: none."""
    most_bytes: Annotated[int, Field(ge=2, le=200)] = 128
    """The most bytes in all; ISDN carries 128. What is more is cut off, before it is written in hex."""


class StoreTable(Model):
    """Many destinations from a CSV file: the row named `boston` of table `shops` is `shops/boston`."""

    file: Path
    """The CSV file; its first line names the columns: name, label, sip or number, latitude, longitude,
    postal_code, country, and if wanted trunk, region, area, hours (as they are written in OpenStreetMap),
    time_zone, max_calls, weight, screening, mailbox (for messages to this store, in place of the route's),
    find_me (numbers to try after its own, with blanks between), page (the path of the store's own page: who
    clicks there is with it first). Columns of your own have names that begin with x_."""
    trunk: Name | None = None
    """The trunk that the rows' numbers leave through."""
    backup_trunks: tuple[Name, ...] = ()
    """As for a destination."""
    hours: Name | None = None
    """Opening hours of the rows that have none; told in the row's time zone where it has one."""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Calls at once for each row that says nothing of it."""
    shown_number: Literal["site", "shopper"] = "site"
    """What the stores' phones show: the site's own number, or the shopper's."""
    headers: dict[HeaderName, str] = {}
    """Further headers of the INVITE, as for a destination."""
    user_to_user: UserToUser | None = None
    """As for a destination."""
    call_info: CallInfo | None = None
    """As for a destination."""
    screening: Screen = "none"
    """As for a destination."""
    whisper: Whisper | None = None
    """As for a destination."""


class FindMe(Model):
    """One more place where a destination may be found: its own SIP URI or number, hours and patience."""

    sip: SipUri | None = None
    """A SIP URI on a PBX."""
    number: E164 | None = None
    """A phone number; needs a trunk, here or on the destination."""
    trunk: Name | None = None
    """The trunk it leaves through; without one, the destination's, with its `backup_trunks`."""
    backup_trunks: tuple[Name, ...] = ()
    """As for the destination; goes with a `trunk` of its own."""
    hours: Name | None = None
    """When to try here; without hours, always."""
    timeout: SomeSeconds = 15.0
    """How long to ring here before the next place."""
    screening: Screen | None = None
    """As for the destination, which is also what it is without one."""


class Destination(Model):
    """Somebody at the business: a SIP URI on a PBX, or a number through a trunk; or places in `find_me`."""

    label: str
    """What the shopper's page shows: "Boston store"."""
    sip: SipUri | None = None
    """A SIP URI on a PBX."""
    number: E164 | None = None
    """A phone number; needs a trunk."""
    trunk: Name | None = None
    """The trunk a number leaves through; for a SIP URI, whose credentials and transport to use."""
    backup_trunks: tuple[Name, ...] = ()
    """Further trunks, tried in this order when `trunk` cannot carry the call, as for a site. A SIP URI at the
    trunk's host goes to the same user at theirs."""
    shown_number: Literal["site", "shopper"] = "site"
    """What the business's phone shows: the site's own number, or the shopper's. A number that somebody who
    talks by PC merely typed is never shown."""
    headers: dict[HeaderName, str] = {}
    """Further headers of the INVITE; {call_id}, {site}, {page}, {number} (the shopper's for certain) and
    {claimed_number} (which anybody may have typed) are filled in, and
    {context.KEY} with what is known of the shopper: what was signed, else what the page claims; {signed.KEY}
    with what was signed alone."""
    user_to_user: UserToUser | None = None
    """The User-to-User header of the INVITE."""
    call_info: CallInfo | None = None
    """A URL for the Call-Info header (`purpose=info`), which many phones can open; placeholders as in
    `headers`, and what they stand for is escaped."""
    origination: Originate | None = None
    """An Asterisk that places the calls to it, in place of an INVITE to `sip`."""
    hours: Name | None = None
    """When it may be rung; without hours, always."""
    time_zone: TimeZone | None = None
    """Where its hours are told, in place of the hours' own time zone."""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Calls at once; a destination that has as many is not rung. Without a number, no cap."""
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    """Its share of the calls of a `weighted` step; 0 is rung only after all others."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Where it is, for `nearest` steps; goes with longitude."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Where it is, for `nearest` steps; goes with latitude."""
    postal_code: str | None = None
    """Where it is, for `nearest` steps, in place of coordinates: a code of its number's country (else of the
    sites' first) that is known."""
    find_me: tuple[FindMe, ...] = ()
    """Where else to find it, one place after the other, once its own phone has rung in vain."""
    screening: Screen = "none"
    """What whoever answers must do to take the call: nothing, `press_1` after a prompt, or `amd`: the same,
    and whoever talks like an answering machine is hung up on."""
    whisper: Whisper | None = None
    """What whoever takes a call here is told before the shopper hears them; without one, what the ring step
    says, or the site. `{}`: nothing."""


Next = Literal["next", "next_step", "retry", "end"]


class RingStep(Model):
    """One stage of the hunt: whom to ring, and how."""

    strategy: Literal["all", "in_order", "round_robin", "longest_idle", "memory", "weighted", "nearest"] = (
        "all"
    )
    """`all` at once; `in_order` one after the other; `round_robin` likewise, each call beginning one further;
    `longest_idle` the one first whose last call is longest ago; `memory` the first, then the first two, then
    the first three; `weighted` in an order drawn by weight; `nearest` the ones closest to the shopper."""
    destinations: Annotated[tuple[Named, ...], Field(min_length=1)]
    """Whom to ring: destinations, rows of a store table (`shops/boston`), or a whole table (`shops`)."""
    timeout: SomeSeconds = 20.0
    """How long each destination rings, or each group that rings together."""
    delay: dict[Named, Seconds] = {}
    """In `all` and `memory`: destinations that begin to ring so much later than the others."""
    limit: Annotated[int, Field(ge=1, le=100)] | None = None
    """At most so many destinations, the best by the strategy; without a number 5 for `nearest`, else all."""
    max_distance_km: Annotated[int, Field(ge=1, le=20_100)] | None = None
    """In `nearest`: leave out who is further away."""
    whisper: Whisper | None = None
    """What whoever takes a call is told before the shopper hears them, unless the destination has a whisper
    of its own; without one, what the site says. `{}`: nothing."""
    on_busy: Next = "next"
    """A destination is busy: ring the `next`, leave this step (`next_step`), `retry` it once more at the
    step's end, or `end` the hunt."""
    on_declined: Next = "next"
    """A destination declines the call: the same choices."""
    on_unreachable: Next = "next"
    """A destination cannot be reached: the same choices."""
    on_no_answer: Next = "next"
    """A destination rings in vain: the same choices."""


class Last(NamedTuple):
    """What follows when nobody has taken a call: another route, a mailbox, or terms of a callback."""

    kind: Literal["otherwise", "message", "callback"]
    name: str


class Route(Model):
    """Who rings for a call, in ring steps, and what happens around it; or branches that decide."""

    when: Condition | None = None
    """Only calls for which this condition in CEL is true; it may use call, page, cart, visitor, customer, geo
    and now."""
    hours: Name | None = None
    """Only while these hours are open."""
    branches: tuple[Name, ...] = ()
    """Child routes: the first one that matches takes the call. They inherit what they leave out."""
    continue_: bool = Field(default=False, alias="continue")
    """Having matched as a branch, add the steps and go on to the next branch all the same."""
    steps: tuple[RingStep, ...] | None = None
    """The ring steps, the first one first. A branch without steps takes its parent's."""
    otherwise: Name | None = None
    """The route that takes over when the steps are exhausted, or nobody of them can be rung now, or the root
    does not match. Inherited; as are `message` and `callback`, of which a route has one at most."""
    message: Name | None = None
    """The mailbox where the shopper leaves a message in that case."""
    callback: Name | None = None
    """The terms by which the shopper is called back in that case."""
    queue: Name | None = None
    """The queue in which calls wait while everybody is busy. Inherited."""
    dial_business: Literal["at_once", "after_greeting"] | None = None
    """Dial the business while the greeting still plays, or after it. Inherited; at the root `at_once`."""
    early_media: bool | None = None
    """Let the shopper hear the business's early media (RFC 3960) when one destination alone rings, as soon as
    it arrives; until then, and when it has stopped for 6 s, they hear ringback. Inherited; at the root
    false."""
    on_loss: Literal["end", "redial"] | None = None
    """What becomes of a call when the media worker of the shopper's leg died: end it, or dial the shopper
    once more. Inherited; at the root `end`."""

    @property
    def last(self) -> Last | None:
        """Its own ``otherwise``, ``message`` or ``callback``, of which a checked config has one at most."""
        if self.otherwise is not None:
            return Last("otherwise", self.otherwise)
        if self.message is not None:
            return Last("message", self.message)
        return None if self.callback is None else Last("callback", self.callback)


class Expectation(Model):
    """What a click is expected to lead to; only what is written is compared."""

    route: Name | None = None
    """The route that takes the call."""
    destinations: tuple[Named, ...] | None = None
    """Whom the hunt rings, in any order."""
    order: tuple[Named, ...] | None = None
    """Whom the hunt rings, in this order."""
    ending: EndingName | None = None
    """What becomes of the call when nobody takes it: `message:` and the mailbox, or `callback:` and the
    terms."""
    queue: Name | None = None
    """The queue in which the call waits."""
    reason: str | None = None
    """A text that the explanation holds."""


class RouteTest(Model):
    """One click and what becomes of it: `ringback route tests` compares."""

    name: str
    """What is shown of it."""
    site: Name | None = None
    """The site; without one, the only one."""
    at: str
    """When, as 2026-12-24T15:00, in the site's time zone."""
    by: Talk | None = None
    """How the shopper talks; without it by `phone`, where the site lets them."""
    number: E164 | None = None
    """The shopper's number. Without one it is an example of the site's first country, or none by `pc`."""
    page: str = ""
    """The page."""
    ip: str = ""
    """The shopper's IP address."""
    context: dict[Annotated[str, Field(max_length=64)], str] = {}
    """What the page passed, such as `cart.value: 120`."""
    signed: dict[Annotated[str, Field(max_length=64)], str] = {}
    """What the retailer's server signed, by the same keys."""
    busy_destinations: tuple[Named, ...] = ()
    """Destinations that have all the calls they can take."""
    expect: Expectation
    """What is expected."""
