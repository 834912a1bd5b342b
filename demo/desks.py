"""Where the business can be rung in the demo: its phones, and the destinations that the settings name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: The business's simulated phones, and whose they are.
PHONES: Mapping[str, str] = MappingProxyType(
    {
        "boston": "Boston store",
        "cambridge": "Cambridge store",
        "call-centre": "Call centre",
        "coolway": "Coolway workshop",
    }
)
#: The same in a sentence.
PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        "boston": "the Boston store",
        "cambridge": "the Cambridge store",
        "call-centre": "the call centre",
        "coolway": "the workshop",
    }
)


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """A destination: the phone that rings, and further settings of it."""

    phone: str
    settings: tuple[tuple[str, str], ...] = ()
    #: What people are shown, if not the phone's.
    name: str = ""
    #: Seconds after which it is answered, whatever the number of the call says; None: as the number says.
    picks_up: float | None = None

    @property
    def label(self) -> str:
        """What people are shown."""
        return self.name or PHONES[self.phone]


def _workshop(town: str, latitude: float, longitude: float, *more: tuple[str, str]) -> DemoDesk:
    """One of Coolway's. It rings for a while, so that there is time to look at the vehicle."""
    place = (("latitude", str(latitude)), ("longitude", str(longitude)))
    return DemoDesk("coolway", (*place, *more), f"Coolway {town}", 6.0)


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
        # Repairs have hours of their own, which an operator changes at the portal.
        "workbench": DemoDesk("boston", (("hours", "repairs"),), "Repair bench", 2.0),
        "night-desk": DemoDesk("boston", (("hours", "never"),)),
        # Next to Boston, and closed, so that the nearest one that is open is another.
        "coolway-cambridge": _workshop("Cambridge", 42.3736, -71.1097, ("hours", "never")),
        "coolway-boston": _workshop("Boston", 42.3601, -71.0589),
        "coolway-hartford": _workshop("Hartford", 41.7658, -72.6734),
        "coolway-albany": _workshop("Albany", 42.6526, -73.7562),
    }
)


def desk_of(uri: str) -> str:
    """The desk that a request URI of the demo's settings rings."""
    found = re.match(r"sip:([a-z-]+)@", uri)
    if found is None or found[1] not in DESKS:
        raise ValueError(f"{uri} is no desk of the demo")
    return found[1]
