"""Who calls: the shopper's name among what is known of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Where a name is looked for, in this order; several keys of a line make one name.
NAMES: tuple[tuple[str, ...], ...] = tuple(
    (f"{prefix}{first}", *(f"{prefix}{other}" for other in others))
    for prefix in ("customer.", "shopper.", "contact.", "user.", "customer_", "shopper_", "contact_", "")
    for first, *others in (("name",), ("full_name",), ("first_name", "last_name"), ("last_name",))
)
#: Of a longer one, what is behind is left out.
LONGEST = 80


@dataclass(frozen=True, slots=True)
class CallerName:
    """A name (empty if unknown), and whether the retailer's server signed it."""

    name: str = ""
    signed: bool = False


NOBODY = CallerName()


def caller_of(signed: Mapping[str, str], claimed: Mapping[str, str], hidden: Iterable[str]) -> CallerName:
    """The shopper's name, unless it is ``hidden``: a signed name comes before one that a page claims."""
    unseen = frozenset(hidden)
    for values, is_signed in ((signed, True), (claimed, False)):
        for keys in NAMES:
            # A part that may not be seen makes no half name.
            if unseen.intersection(keys):
                continue
            name = " ".join(" ".join(values.get(key, "") for key in keys).split())
            if name:
                return CallerName(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…", is_signed)
    return NOBODY
