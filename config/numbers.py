"""Settings of which numbers are called, over what Ringback refuses by itself."""

from __future__ import annotations

from config.base import Model
from config.prefixes import NumberPrefix


class Numbers(Model):
    """Which shoppers' numbers are called, beside `countries` of the site. Ringback refuses premium,
    shared-cost, toll-free, personal and satellite numbers by itself ([how](limits.md#numbers)); here are your
    exceptions. Of all prefixes that fit a number the longest decides."""

    refused_prefixes: tuple[NumberPrefix, ...] = ()
    """Prefixes of numbers that are not called, such as `+1 876` or `+1xxx976`."""
    allowed_prefixes: tuple[NumberPrefix, ...] = ()
    """Prefixes of numbers that are called although Ringback would refuse their kind, such as `+44 3`."""
