"""How much may come in: buckets that fill with time. Pure; time comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Lets ``burst`` through at once and ``rate`` a second in the long run."""

    rate: float
    burst: float
    _level: float = 0.0
    _at: float = field(default=0.0)

    def take(self, now: float) -> bool:
        """Whether one more may pass now."""
        self._level = max(0.0, self._level - (now - self._at) * self.rate)
        self._at = now
        if self._level + 1 > self.burst:
            return False
        self._level += 1
        return True


class Buckets:
    """One bucket for each key; the one that was not used for longest makes room for a new key."""

    def __init__(self, rate: float, burst: float, most: int) -> None:
        self._rate, self._burst, self._most = rate, burst, most
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, now: float) -> bool:
        """Whether one more of this key may pass now."""
        bucket = self._buckets.pop(key, None) or Bucket(self._rate, self._burst, 0.0, now)
        self._buckets[key] = bucket
        if len(self._buckets) > self._most:
            del self._buckets[next(iter(self._buckets))]
        return bucket.take(now)
