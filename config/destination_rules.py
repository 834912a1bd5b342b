"""What destinations, store tables and ring steps must keep beyond their own form."""

from __future__ import annotations

import re

import phonenumbers

from config.draft import Draft
from config.problems import Loc, suggest
from config.routes import Destination, FindMe, Hours, RingStep, StoreTable

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_PASSED = re.compile(r"(context|signed)\.[A-Za-z0-9_.-]{1,64}")
_NORTH_AMERICAN = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")
PLACEHOLDERS = ("call_id", "site", "page", "number", "claimed_number")
#: Headers of an INVITE that Ringback or its SIP stack writes, with their compact forms (RFC 3261 7.3.3).
OWNED_HEADERS = {
    "via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "route", "record-route", "allow",
    "authorization", "proxy-authorization", "supported", "require", "proxy-require", "session-expires",
    "min-se", "user-agent", "expires", "p-asserted-identity", "reason",
    "v", "f", "t", "i", "m", "l", "c", "e", "k", "x",
}  # fmt: skip
#: Strategies whose destinations ring together.
TOGETHER = ("all", "memory")


def check_destinations(draft: Draft) -> None:
    """Problems and warnings of destinations, store tables, hours and ring steps."""
    for name, destination in draft.destinations.items():
        _destination(draft, ("destinations", name), destination)
    for name, table in draft.stores.items():
        _headers(draft, ("stores", name), table)
    for name, hours in draft.hours.items():
        _hours(draft, ("hours", name), hours)
    for name, route in draft.routes.items():
        for number, step in enumerate(route.steps or ()):
            _step(draft, ("routes", name, "steps", number), step)


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
            draft.doubtful((*here, key), "rings the same phone once more: take it out, or write another")
    for have, lack in (("latitude", "longitude"), ("longitude", "latitude")):
        if getattr(destination, have) is not None and getattr(destination, lack) is None:
            draft.wrong((*loc, have), f'goes with "{lack}": add it')
    if destination.time_zone and not destination.hours:
        draft.doubtful((*loc, "time_zone"), 'has no effect without "hours"')
    _headers(draft, loc, destination)


def _place(draft: Draft, loc: Loc, place: Destination | FindMe, trunk_name: str | None) -> None:
    if place.sip and place.number:
        draft.wrong((*loc, "number"), 'give either "sip" or "number", not both')
    elif place.number:
        if not trunk_name:
            draft.wrong((*loc, "number"), 'a number needs a trunk to leave through: add "trunk"')
        check_number(draft, (*loc, "number"), place.number)
    elif place.sip and place.sip.startswith("sips:"):
        trunk = draft.trunks.get(trunk_name or "")
        if not trunk_name or (trunk and trunk.transport != "tls"):
            draft.wrong((*loc, "sip"), 'sips: needs a "trunk" whose transport is tls')


def _headers(draft: Draft, loc: Loc, part: Destination | StoreTable) -> None:
    if part.user_to_user is not None:
        check_template(draft, (*loc, "user_to_user", "text"), part.user_to_user.text, PLACEHOLDERS)
    if part.call_info is not None:
        check_template(draft, (*loc, "call_info"), part.call_info, PLACEHOLDERS)
    made = {"user-to-user": part.user_to_user, "call-info": part.call_info}
    trunk = draft.trunks.get(part.trunk or "")
    if trunk and trunk.transport == "udp" and trunk.username:
        for key in ("user_to_user", "call_info"):
            if getattr(part, key) is not None:
                draft.doubtful(
                    (*loc, key),
                    "with credentials an INVITE by UDP has room for some 100 bytes of headers, and leaves "
                    "out what does not fit: set the trunk's transport to tcp",
                )
    seen: set[str] = set()
    for header, value in part.headers.items():
        here = (*loc, "headers", header)
        known = header.lower()
        if known in OWNED_HEADERS or known.startswith("content-"):
            draft.wrong(here, "Ringback writes this header itself: choose another, such as X-Shopper")
        if made.get(known) is not None:
            draft.wrong(here, f'"{known.replace("-", "_")}" writes this header: keep one of the two')
        if known in seen:
            draft.wrong(here, "this header stands here twice; upper and lower case are the same: keep one")
        seen.add(known)
        check_template(draft, here, value, PLACEHOLDERS)


def check_template(draft: Draft, loc: Loc, template: str, names: tuple[str, ...]) -> None:
    """Problems for braces that are none of these placeholders; {context.KEY}, {signed.KEY} are everywhere."""
    for found in _PLACEHOLDER.finditer(template):
        name = found[1]
        if name is None:
            opens = "is opened and never closed" if found[0] == "{" else "was never opened"
            draft.wrong_within(loc, found.start(), f"this brace {opens}: write {{site}}, and no other braces")
        elif name not in names and not _PASSED.fullmatch(name):
            tip = suggest(name, (*names, "context.KEY", "signed.KEY"), "placeholders")
            draft.wrong_within(loc, found.start(), f"{{{name}}} is no placeholder: {tip}")


def _hours(draft: Draft, loc: Loc, hours: Hours) -> None:
    if hours.region and not hours.country:
        draft.wrong((*loc, "region"), 'goes with "country": add it')


def _step(draft: Draft, loc: Loc, step: RingStep) -> None:
    for index, destination in enumerate(step.destinations):
        if destination in step.destinations[:index]:
            draft.doubtful((*loc, "destinations", index), "rings twice in this step: name it once")
    for name in step.delay:
        if name not in step.destinations:
            tip = suggest(name, step.destinations, "destinations of this step")
            draft.wrong((*loc, "delay", name), f"not a destination of this step: {tip}")
    if step.delay and step.strategy not in TOGETHER:
        draft.doubtful((*loc, "delay"), f"has no effect with {step.strategy}: one rings after the other")
    for index, name in enumerate(step.destinations):
        if name in draft.stores and step.strategy != "nearest" and step.limit is None:
            draft.wrong(
                (*loc, "destinations", index),
                'every row of the table would ring: add "limit", or take the strategy nearest',
            )
    if step.max_distance_km and step.strategy != "nearest":
        draft.doubtful((*loc, "max_distance_km"), "has no effect: the strategy is not nearest")


def check_number(draft: Draft, loc: Loc, number: str) -> None:
    """Warn of a number that no country has, and of one that costs extra."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        draft.doubtful(loc, "no country has a number like this: check the digits")
        return
    if not phonenumbers.is_possible_number(parsed):
        draft.doubtful(loc, "no country has a number like this: check the digits")
    elif parsed.country_code == 1 and not _NORTH_AMERICAN.fullmatch(number):
        draft.doubtful(loc, "no number of North America looks like this: check the area code")
    elif phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        draft.doubtful(loc, "a premium-rate number: every call to it costs extra")
