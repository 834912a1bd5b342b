"""What a raw phone hears."""

from __future__ import annotations

from tests.sip.core import until
from tests.sip.uas import Dialog, Phone, level

LOUD = 2000
QUIET = 150


def call_of(phone: Phone) -> Dialog:
    return next(iter(phone.dialogs.values()))


async def hears(phone: Phone, *hertz: int, not_: tuple[int, ...] = (), always: bool = True) -> None:
    """Within a moment, the phone hears these tones and no other; ``always``: it is sent audio by right."""
    rtp = call_of(phone).rtp

    def right() -> bool:
        samples = rtp.heard(0.2)
        if len(samples) < 1200:
            return not samples and not hertz and not always
        return all(level(samples, h) > LOUD for h in hertz) and all(level(samples, h) < QUIET for h in not_)

    try:
        await until(right, 3)
    except AssertionError:
        samples = rtp.heard(0.2)
        levels = {h: round(level(samples, h)) for h in (*hertz, *not_)}
        raise AssertionError(f"wanted {hertz} without {not_}, heard {levels} in {len(samples)}") from None
