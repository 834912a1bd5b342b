"""Headers of the INVITE to the business, with what is known of the shopper, kept within safe sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from config.sections.destinations import UserToUser
from config.sections.trunks import Trunk
from routing.identity import shopper_number
from routing.plan import ClickToCall

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: The most characters of a header's text, and of one value within another header.
LONGEST = 200
#: The most bytes of a Call-Info header: a URL that is cut leads nowhere, so a longer one is left out.
LONGEST_CALL_INFO = 500
#: The most bytes of a request by UDP where nobody knows the path's MTU (RFC 3261 section 18.1.1). With the
#: credentials that a challenge wants, which take so many, an INVITE could carry nothing else: then what an
#: Ethernet carries without cutting it to pieces.
LARGEST_BY_UDP, LARGEST_WITH_CREDENTIALS, CREDENTIALS = 1300, 1472, 320
#: What an INVITE of ours has without these headers, its caller and its request URI, which is in it twice; and
#: what session timers and an asserted identity add, without the number. Measured.
BARE_INVITE, TIMERS, ASSERTED = 910, 45, 60
#: What these bring: a Privacy header and the anonymous From, and ``;user=phone`` in one more URI.
PRIVACY, USER_PHONE = 60, 11
#: Bytes that these headers may have by TCP and TLS; PJSIP's whole message ends at 4000.
ROOM_BY_STREAM = 2000


@dataclass(frozen=True, slots=True)
class HeaderTemplates:
    """What the settings say of a destination's headers."""

    further: tuple[tuple[str, str], ...] = ()
    user_to_user: UserToUser | None = None
    call_info: str | None = None

    def fill(self, click: ClickToCall, call_id: str, room: int) -> tuple[tuple[str, str], ...]:
        """The headers of one call, ``room`` bytes in all.

        User-to-User comes first, then the further ones as they are written, then Call-Info. The first is cut
        to fit; of the others, those that do not fit any more are left out, as half a value may be another's.
        """
        kept = []
        for name, value in self._values(click, call_id, room):
            needed = len(f"{name}: {value}\r\n".encode())
            if needed <= room:
                room -= needed
                kept.append((name, value))
        return tuple(kept)

    def _values(self, click: ClickToCall, call_id: str, room: int) -> Iterator[tuple[str, str]]:
        if self.user_to_user is not None:
            yield "User-to-User", _user_to_user(self.user_to_user, click, call_id, room)
        for name, template in self.further:
            yield name, fill(template, click, call_id)
        if self.call_info is not None:
            value = f"<{_filled_url(self.call_info, click, call_id)}>;purpose=info"
            if len(value) <= LONGEST_CALL_INFO:
                yield "Call-Info", value


def room_for_headers(uri: str, trunk: Trunk | None, caller: str) -> int:
    """Bytes that may be added to an INVITE to this URI; ``caller`` is the number and name that it shows."""
    if "transport=t" in uri.lower() or uri.startswith("sips:") or (trunk and trunk.transport != "udp"):
        return ROOM_BY_STREAM
    others = BARE_INVITE + 2 * len(uri.encode()) + len(caller.encode())
    if trunk is None:
        return max(0, LARGEST_BY_UDP - others)
    others += TIMERS if trunk.session_expires else 0
    if trunk.asserted_identity != "never":
        may_assert = trunk.caller_id or trunk.asserted_identity == "always" or trunk.from_user == "account"
        own = trunk.caller_id.number if trunk.caller_id else caller
        others += ASSERTED + len(own.encode()) if may_assert or trunk.privacy == "id" else 0
    others += PRIVACY if trunk.privacy == "id" else 0
    others += 2 * USER_PHONE if trunk.user_phone else 0
    if trunk.username is None:
        return max(0, LARGEST_BY_UDP - others)
    return max(0, LARGEST_WITH_CREDENTIALS - others - CREDENTIALS)


def fill(template: str, click: ClickToCall, call_id: str) -> str:
    """The template with its placeholders filled in; what nobody passed becomes empty.

    Control characters become spaces, so that no value can begin a header of its own (RFC 3261 section 7.3).
    """
    return _filled(template, click, call_id)[:LONGEST]


def value_of(name: str, click: ClickToCall) -> str | None:
    """What ``context.KEY`` or ``signed.KEY`` stands for, empty where nobody passed it; None for others."""
    source, _, key = name.partition(".")
    if source == "context":
        return click.known.get(key, "")
    return click.signed.get(key, "") if source == "signed" else None


def _filled(template: str, click: ClickToCall, call_id: str) -> str:
    return PLACEHOLDER.sub(lambda found: _value(found[1], click, call_id), template)


def _value(name: str, click: ClickToCall, call_id: str) -> str:
    passed = value_of(name, click)
    if passed is None:
        number = shopper_number(click)
        others = {
            "call_id": call_id,
            "site": click.site,
            "page": click.page,
            "number": number.known,
            "claimed_number": number.claimed,
        }
        passed = others.get(name, "")
    return re.sub(r"[\x00-\x1f\x7f]", " ", passed)


def _user_to_user(settings: UserToUser, click: ClickToCall, call_id: str, room: int) -> str:
    """RFC 7433 section 4: the octets in hex, with the parameter that says so."""
    octets = bytes.fromhex(settings.discriminator or "")
    most = min(settings.most_bytes, (room - len("User-to-User: ;encoding=hex\r\n")) // 2)
    text = _filled(settings.text, click, call_id).encode()[: max(0, most - len(octets))]
    octets += text.decode(errors="ignore").encode()  # half a character at the end is none
    return f"{octets.hex()};encoding=hex"


def _filled_url(template: str, click: ClickToCall, call_id: str) -> str:
    """A URL whose placeholders cannot leave their place: all that means something in a URL is escaped."""
    return PLACEHOLDER.sub(lambda found: in_url(_value(found[1], click, call_id)[:LONGEST]), template)


def in_url(value: str) -> str:
    """The value percent-encoded (RFC 3986 section 2.3: all but unreserved characters).

    A value of nothing but dots becomes empty: as a segment of the path it would lead out of its folder, and
    browsers take ``%2e`` for a dot there as well.
    """
    return quote(value.encode(errors="replace"), safe="") if value.strip(".") else ""
