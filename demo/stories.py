"""The stories that a visitor of the demo can choose: each a number whose call goes a certain way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: The business's phones, in the order in which the demo's route rings them: destination and label.
STORES: Mapping[str, str] = MappingProxyType(
    {"boston": "Boston store", "cambridge": "Cambridge store", "call-centre": "Call centre"}
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Pick up after so many seconds of ringing."""

    after: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say no at once, with a final SIP status (RFC 3261 section 21.4)."""

    status: int


@dataclass(frozen=True, slots=True)
class Ignore:
    """Let it ring."""


Reaction = Answer | Refuse | Ignore


@dataclass(frozen=True, slots=True)
class Story:
    """How a call to one number goes. Numbers are fictional: 555-01xx is nobody's."""

    id: str
    title: str
    explains: str
    country: str
    number: str
    shopper: Reaction
    #: By destination; who is not named ignores the call.
    stores: Mapping[str, Reaction]


STORIES = (
    Story(
        "answered",
        "The store answers",
        "You pick up, hear the greeting, and Boston takes the call.",
        "US",
        "617 555 0101",
        Answer(2.0),
        {"boston": Answer(4.2)},
    ),
    Story(
        "busy",
        "The first store is busy",
        "Boston is busy, Cambridge does not pick up, the call centre does.",
        "US",
        "617 555 0102",
        Answer(2.0),
        {"boston": Refuse(486), "call-centre": Answer(2.5)},
    ),
    Story(
        "nobody",
        "Nobody answers",
        "All three ring in turn, and nobody has time.",
        "US",
        "617 555 0103",
        Answer(2.0),
        {},
    ),
    Story(
        "absent",
        "You do not pick up",
        "Your own phone rings, and rings, and no store is disturbed.",
        "US",
        "617 555 0104",
        Ignore(),
        {},
    ),
)


def story_of(uri: str) -> Story:
    """The story of the number in a SIP URI or header; any other number goes like the first one."""
    found = re.search(r"sips?:\+?(\d+)@", uri)
    digits = found[1] if found else ""
    return next((story for story in STORIES if digits.endswith(_digits(story.number))), STORIES[0])


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
