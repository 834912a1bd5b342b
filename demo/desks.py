"""Where the business can be rung in the demo: its phones, and the destinations that the settings name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: The business's simulated phones, and whose they are.
PHONES: Mapping[str, str] = MappingProxyType(
    {"boston": "Boston store", "cambridge": "Cambridge store", "call-centre": "Call centre"}
)
#: The same in a sentence.
PEOPLE: Mapping[str, str] = MappingProxyType(
    {"boston": "the Boston store", "cambridge": "the Cambridge store", "call-centre": "the call centre"}
)


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """A destination: the phone that rings, and further settings of it."""

    phone: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """What people are shown."""
        return PHONES[self.phone]


#: By the destination's name.
DESKS: Mapping[str, DemoDesk] = MappingProxyType(
    {
        "boston": DemoDesk("boston"),
        "cambridge": DemoDesk("cambridge"),
        "call-centre": DemoDesk("call-centre"),
        # Phones at which a voicemail may pick up.
        "boston-mobile": DemoDesk("boston", (("screening", "amd"),)),
        "cambridge-mobile": DemoDesk("cambridge", (("screening", "press_1"),)),
        # One person, one call.
        "hotline": DemoDesk("call-centre", (("max_calls", "1"),)),
        "night-desk": DemoDesk("boston", (("hours", "never"),)),
    }
)


def desk_of(uri: str) -> str:
    """The desk that a request URI of the demo's settings rings."""
    found = re.match(r"sip:([a-z-]+)@", uri)
    if found is None or found[1] not in DESKS:
        raise ValueError(f"{uri} is no desk of the demo")
    return found[1]
