"""What a phone hears, with patience: a peer in Python speaks with a stammer where the machine is busy."""

from __future__ import annotations

import asyncio
import contextlib

from tests.sip import ears
from tests.sip.uas import Phone


async def hears(phone: Phone, *hertz: int, not_: tuple[int, ...] = (), within: float = 12.0) -> None:
    """Within a moment, the phone hears these tones and no other."""
    end = asyncio.get_running_loop().time() + within
    while asyncio.get_running_loop().time() < end:
        with contextlib.suppress(AssertionError):
            await ears.hears(phone, *hertz, not_=not_)
            return
    await ears.hears(phone, *hertz, not_=not_)
