"""Which keys have reached a leg's partner already, because rtpengine relays events of RFC 4733. Pure.

The core passes each key of a leg on to the leg that it talks to. Where the audio relay has carried the key
itself, it must not be sent again; and a key that we inject is told as one of the partner's, which it is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: Seconds within which a key is passed on, and an injected one is told.
_SOON = 2.0


@dataclass(slots=True)
class RelayedKeys:
    """Of one leg: keys that came in its audio, and those injected in its name. Times are the loop's."""

    _came: list[tuple[str, float]] = field(default_factory=list)
    _injected: list[tuple[str, float]] = field(default_factory=list)

    def came(self, digit: str, now: float, *, carried: bool = True) -> bool:
        """A key was told of the leg's audio; False where it is one that we injected.

        ``carried``: the partner got it as well.
        """
        if _take(self._injected, digit, now):
            return False
        if carried:
            self._came.append((digit, now))
        return True

    def has_carried(self, digit: str, now: float) -> bool:
        """Whether the relay has carried this key, which is to be passed on now, to the leg's partner."""
        return _take(self._came, digit, now)

    def inject(self, digit: str, now: float) -> None:
        """We are about to inject a key in the leg's name."""
        self._injected.append((digit, now))


def _take(kept: list[tuple[str, float]], digit: str, now: float) -> bool:
    kept[:] = [(each, at) for each, at in kept if now - at < _SOON]
    for number, (each, _) in enumerate(kept):
        if each == digit:
            del kept[number]
            return True
    return False
