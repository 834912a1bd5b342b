"""The stories that a visitor of the demo can choose: each a number whose call goes a certain way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import phonenumbers

from demo.dialogue import TALK_SECONDS


@dataclass(frozen=True, slots=True)
class PickUp:
    """Pick up after so many seconds of ringing, and talk."""

    after: float


@dataclass(frozen=True, slots=True)
class Accept:
    """Pick up, listen for so many seconds to who is calling, and press the key that takes the call."""

    after: float
    listens: float


@dataclass(frozen=True, slots=True)
class Voicemail:
    """A machine: pick up, and say its greeting."""

    after: float


@dataclass(frozen=True, slots=True)
class TurnDown:
    """Say no at once, with a final SIP status (RFC 3261 section 21.4)."""

    status: int


@dataclass(frozen=True, slots=True)
class Ignore:
    """Let it ring."""


Reaction = PickUp | Accept | Voicemail | TurnDown | Ignore


@dataclass(frozen=True, slots=True)
class Story:
    """How a call to one number goes. Numbers are fictional: 555-01xx is nobody's."""

    id: str
    title: str
    #: What is to be expected by phone; None where the story cannot be tried so.
    by_phone: str | None
    #: The same by PC.
    by_pc: str | None
    country: str
    number: str
    #: The shopper's phone.
    shopper: Reaction
    #: By destination; who is not named ignores the call.
    desks: Mapping[str, Reaction]
    #: The route of the demo's settings that calls of this number take.
    route: str = "sales"
    #: Seconds from the business's answer until the shopper hangs up.
    talk_seconds: float = TALK_SECONDS
    #: The desk after which the shopper is asked for a message, and leaves one.
    message_after: str | None = None
    #: Shoppers who ask for a call while this one's phone rings, and so stand before them in the line.
    others: tuple[Story, ...] = ()
    #: Whether an agent takes the call, in a browser.
    agent: bool = False
    #: Whose phone it is, for people to read.
    shopper_name: str = "Your phone"

    @property
    def e164(self) -> str:
        """The number as it is dialled: +16175550101."""
        number = phonenumbers.parse(self.number, self.country)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _other(name: str, number: str) -> Story:
    """Another shopper, who talks with the hotline for a while."""
    return Story(
        name.lower(),
        name,
        None,
        None,
        "US",
        number,
        PickUp(0.1),
        {"hotline": PickUp(0.3)},
        route="line",
        talk_seconds=8.0,
        shopper_name=f"{name}'s phone",
    )


STORIES = (
    Story(
        "answered",
        "The store answers",
        "You pick up, hear the greeting, and Boston takes the call.",
        "You hear the greeting, and Boston takes the call. Say something!",
        "US",
        "617 555 0101",
        PickUp(2.0),
        {"boston": PickUp(4.2)},
    ),
    Story(
        "busy",
        "The first store is busy",
        "Boston is busy, Cambridge does not pick up, the call centre does.",
        "Boston is busy, Cambridge does not pick up, the call centre does.",
        "US",
        "617 555 0102",
        PickUp(2.0),
        {"boston": TurnDown(486), "call-centre": PickUp(2.5)},
    ),
    Story(
        "voicemail",
        "A voicemail picks up",
        "A machine cannot press 1. Somebody in Cambridge does.",
        "A machine cannot press 1. Somebody in Cambridge does.",
        "US",
        "617 555 0105",
        PickUp(2.0),
        {"boston-mobile": Voicemail(2.0), "cambridge-mobile": Accept(5.0, 5.5)},
        route="screened",
    ),
    Story(
        "line",
        "Everybody is talking",
        "You wait in line, hear your place, and your turn comes.",
        "You wait in line, hear your place, and your turn comes.",
        "US",
        "617 555 0106",
        PickUp(4.0),
        {"hotline": PickUp(2.0)},
        route="line",
        others=(_other("Pat", "617 555 0111"), _other("Lee", "617 555 0112")),
    ),
    Story(
        "agent",
        "Kim answers in her browser",
        "No phone system: the agent's page rings, and you are Kim.",
        "From browser to browser: the agent's page rings, and you are Kim. Take a headset.",
        "US",
        "617 555 0108",
        PickUp(2.0),
        {},
        route="browser",
        talk_seconds=30.0,
        agent=True,
    ),
    Story(
        "nobody",
        "Nobody answers",
        "You leave a message after the tone.",
        "You leave a message after the tone, and press # on the keypad.",
        "US",
        "617 555 0103",
        PickUp(2.0),
        {"boston": TurnDown(486), "cambridge": TurnDown(603)},
        message_after="call-centre",
    ),
    Story(
        "missed",
        "A missed call",
        "The store lets it ring. You are Kim: find the shopper in her list, and call back with one click.",
        None,
        "US",
        "617 555 0109",
        PickUp(2.0),
        {},
        route="missed",
        talk_seconds=30.0,
        agent=True,
    ),
    Story(
        "closed",
        "The store is closed",
        "No phone rings. We call you back tomorrow.",
        "Nobody is rung. We call you back tomorrow, at the number below.",
        "US",
        "617 555 0107",
        Ignore(),
        {},
        route="closed",
    ),
    Story(
        "absent",
        "You do not pick up",
        "Your own phone rings, and rings, and no store is disturbed.",
        None,
        "US",
        "617 555 0104",
        Ignore(),
        {},
    ),
)


def everybody() -> tuple[Story, ...]:
    """The stories, and those of the shoppers who come with them."""
    return tuple(each for story in STORIES for each in (story, *story.others))


def number_of(uri: str) -> str:
    """The number in a SIP URI or header, such as +16175550101; empty where there is none."""
    found = re.search(r"sips?:\+?(\d+)@", uri)
    return f"+{found[1]}" if found else ""


def story_of(uri: str) -> Story:
    """The story of the number in a SIP URI or header; any other number goes like the first one."""
    number = number_of(uri)
    return next((story for story in everybody() if story.e164 == number), STORIES[0])
