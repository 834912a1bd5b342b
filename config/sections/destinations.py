"""The section ``destinations``: people and phones of the business.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

from pydantic import Field

from config.base import E164, HeaderName, HoursName, Model, RingSeconds, SipUri, TimeZone, TrunkName
from config.checks.labels import check_labels
from config.checks.numbers import check_number
from config.checks.templates import PLACEHOLDERS, check_template
from config.draft import Draft
from config.marks import Form
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.asterisk import Origination
from config.sections.speech import Whisper, check_whisper
from config.sections.trunks import Trunk, check_backups, check_secure

Screen = Literal["none", "press_1", "amd"]
Octet = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{2}$"), Form("two hexadecimal digits, such as 04")]
#: A URL that may hold placeholders; its host may not.
CallInfo = Annotated[
    str,
    Field(pattern=r"^https?://[^\s/?#{}<>\"]+([/?#][^\s<>\"]*)?$", max_length=300),
    Form("a URL with http or https, such as https://crm.example/calls/{call_id}"),
]
#: Headers of an INVITE that Ringback or its SIP stack writes, with their compact forms (RFC 3261 7.3.3).
_OWNED_HEADERS = {
    "via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "route", "record-route", "allow",
    "authorization", "proxy-authorization", "supported", "require", "proxy-require", "session-expires",
    "min-se", "user-agent", "expires", "p-asserted-identity", "reason",
    "v", "f", "t", "i", "m", "l", "c", "e", "k", "x",
}  # fmt: skip


def is_owned_header(name: str) -> bool:
    """Whether Ringback or its SIP stack writes this header: a second one would make the request ambiguous."""
    return name.lower() in _OWNED_HEADERS or name.lower().startswith("content-")


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


class FindMe(Model):
    """One more place where a destination may be found: its own SIP URI or number, hours and patience."""

    sip: SipUri | None = None
    """A SIP URI on a PBX."""
    number: E164 | None = None
    """A phone number; needs a trunk, here or on the destination."""
    trunk: TrunkName | None = None
    """The trunk it leaves through; without one, the destination's, with its `backup_trunks`."""
    backup_trunks: tuple[TrunkName, ...] = ()
    """As for the destination; goes with a `trunk` of its own."""
    hours: HoursName | None = None
    """When to try here; without hours, always."""
    timeout: RingSeconds = 15.0
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
    trunk: TrunkName | None = None
    """The trunk a number leaves through; for a SIP URI, whose credentials and transport to use."""
    backup_trunks: tuple[TrunkName, ...] = ()
    """Further trunks, tried in this order when `trunk` cannot carry the call, as for a site. A SIP URI at the
    trunk's host goes to the same user at theirs."""
    shown_number: Literal["site", "shopper"] = "site"
    """What the business's phone shows: the site's own number, or the shopper's. A number that somebody who
    talks by PC merely typed is never shown."""
    headers: dict[HeaderName, str] = {}
    """Further headers of the INVITE; {call_id}, {site}, {page}, {number} (the shopper's for certain) and
    {claimed_number} (which anybody may have typed) are filled in, and
    {context.KEY} with what is known of the shopper: what was signed, else what the page claims; {signed.KEY}
    only with what was signed."""
    user_to_user: UserToUser | None = None
    """The User-to-User header of the INVITE."""
    call_info: CallInfo | None = None
    """A URL for the Call-Info header (`purpose=info`), which many phones can open; placeholders as in
    `headers`, and what they stand for is escaped."""
    origination: Origination | None = None
    """An Asterisk that places the calls to it, in place of an INVITE to `sip`."""
    hours: HoursName | None = None
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
    """Where else to find it, one place after the other, when nobody answers its own phone."""
    screening: Screen = "none"
    """What people must do to take the call: nothing, `press_1` after a prompt, or `amd`: the same, and calls
    that an answering machine takes are hung up."""
    whisper: Whisper | None = None
    """What people are told who take a call here, before the shopper hears them; without one, what the ring
    step says, or the site. `{}`: nothing."""


class WithHeaders(Protocol):
    """Whatever calls are made to, with headers of its own."""

    @property
    def user_to_user(self) -> UserToUser | None: ...  # noqa: D102
    @property
    def call_info(self) -> str | None: ...  # noqa: D102
    @property
    def headers(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def trunk(self) -> str | None: ...  # noqa: D102


def check_destinations(draft: Draft) -> None:
    """Problems and warnings of destinations."""
    for name, destination in draft.items(Destination).items():
        loc: Loc = ("destinations", name)
        _destination(draft, loc, destination)
        _trunks(draft, loc, destination)
        check_whisper(draft, (*loc, "whisper"), destination.whisper)
    check_labels(draft, "destinations")


def _trunks(draft: Draft, loc: Loc, destination: Destination) -> None:
    check_backups(draft, loc, destination.trunk, destination.backup_trunks)
    if destination.origination is not None and destination.backup_trunks:
        draft.doubtful((*loc, "backup_trunks"), "has no effect: Asterisk places these calls")
    if destination.origination is not None and not (destination.sip and destination.trunk):
        draft.wrong(
            (*loc, "origination"),
            'needs "sip", for when Asterisk cannot be reached, and its "trunk"',
        )
    check_secure(draft, loc, destination.sip, destination.backup_trunks)
    for index, place in enumerate(destination.find_me):
        here = (*loc, "find_me", index)
        check_backups(draft, here, place.trunk, place.backup_trunks)
        check_secure(draft, here, place.sip, place.backup_trunks)


def _destination(draft: Draft, loc: Loc, destination: Destination) -> None:
    if not (destination.sip or destination.number or destination.find_me):
        draft.wrong(loc, 'nobody to ring: add "sip", a SIP URI, or "number" and "trunk"')
    _place(draft, loc, destination, destination.trunk)
    for index, place in enumerate(destination.find_me):
        here = (*loc, "find_me", index)
        if not (place.sip or place.number):
            draft.wrong(here, 'nobody to ring: add "sip", a SIP URI, or "number"')
        _place(draft, here, place, place.trunk or destination.trunk)
        first = (place.sip or place.number) in (destination.sip, destination.number)
        again = any(
            (place.sip, place.number) == (other.sip, other.number) for other in destination.find_me[:index]
        )
        if (place.sip or place.number) and (first or again):
            key = "sip" if place.sip else "number"
            draft.doubtful((*here, key), "rings the same phone again: remove it, or change it")
    for have, lack in (("latitude", "longitude"), ("longitude", "latitude")):
        if getattr(destination, have) is not None and getattr(destination, lack) is None:
            draft.wrong((*loc, have), f'needs "{lack}": add it')
    if destination.time_zone and not destination.hours:
        draft.doubtful((*loc, "time_zone"), 'has no effect without "hours"')
    check_headers(draft, loc, destination)


def _place(draft: Draft, loc: Loc, place: Destination | FindMe, trunk_name: str | None) -> None:
    if place.sip and place.number:
        draft.wrong((*loc, "number"), 'give either "sip" or "number", not both')
    elif place.number:
        if not trunk_name:
            draft.wrong((*loc, "number"), 'a number needs a trunk: add "trunk"')
        check_number(draft, (*loc, "number"), place.number)
    elif place.sip and place.sip.startswith("sips:"):
        trunk = draft.items(Trunk).get(trunk_name or "")
        if not trunk_name or (trunk and trunk.transport != "tls"):
            draft.wrong((*loc, "sip"), 'sips: needs a "trunk" whose transport is tls')


def check_headers(draft: Draft, loc: Loc, part: WithHeaders) -> None:
    """Problems and warnings of the headers that calls to a destination, or a store, have."""
    if part.user_to_user is not None:
        check_template(draft, (*loc, "user_to_user", "text"), part.user_to_user.text, PLACEHOLDERS)
    if part.call_info is not None:
        check_template(draft, (*loc, "call_info"), part.call_info, PLACEHOLDERS)
    made = {"user-to-user": part.user_to_user, "call-info": part.call_info}
    trunk = draft.items(Trunk).get(part.trunk or "")
    if trunk and trunk.transport == "udp" and trunk.username:
        for key in ("user_to_user", "call_info"):
            if getattr(part, key) is not None:
                draft.doubtful(
                    (*loc, key),
                    "with credentials an INVITE over UDP has room for about 100 bytes of headers, and omits "
                    "the rest: set the trunk's transport to tcp",
                )
    seen: set[str] = set()
    for header, value in part.headers.items():
        here = (*loc, "headers", header)
        known = header.lower()
        if is_owned_header(known):
            draft.wrong(here, "Ringback writes this header itself: choose another, such as X-Shopper")
        if made.get(known) is not None:
            draft.wrong(here, f'"{known.replace("-", "_")}" already writes this header: keep one of the two')
        if known in seen:
            draft.wrong(here, "this header is here twice (upper and lower case are the same): keep one")
        seen.add(known)
        check_template(draft, here, value, PLACEHOLDERS)


DESTINATIONS = Section(checks=(check_destinations,), unused=UNUSED)
