"""Log lines that repeat: the first of each kind are written, the rest are counted. Pure.

A stranger can have the same thing happen again and again. What they cause must not fill the disk, and must
not hide what else happens; that it happened, and how often, is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Lines of one kind about one thing, and lines of one kind in all where strangers choose the things, that are
#: written in so many seconds.
MOST_OF_ONE, MOST_OF_KIND, SECONDS = 30, 600, 60.0
#: The most kinds that are remembered; beyond them the one seen longest ago is told of early.
MOST_KINDS = 4096
#: What a line is about, by the first of these that it has. Those of ``_OURS`` are ids that Ringback makes, a
#: bounded number of them; the others may be anybody's.
_OURS = ("call_id", "leg_id", "callback_id", "delivery_id", "message_id")
_OTHERS = ("owner", "agent", "address", "path", "target", "asterisk", "trunk", "worker", "logger")

#: A kind of line, and what it is about.
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Seen:
    since: float
    written: int = 0
    held: int = 0


@dataclass(slots=True)
class Repeats:
    """Says which lines are written. Times are in seconds, of any clock that only goes forward."""

    _seen: dict[Key, _Seen] = field(default_factory=dict)

    def admit(self, line: Mapping[str, Any], level: str, now: float) -> tuple[bool, list[dict[str, Any]]]:
        """Whether to write a line, and the summaries that are due before it."""
        kind, about, ours = _key(line)
        keys: list[tuple[Key, int]] = [((level, kind, about), MOST_OF_ONE)]
        if about and not ours:
            keys.append(((level, kind, ""), MOST_OF_KIND))
        due: list[dict[str, Any]] = []
        full: _Seen | None = None
        for key, most in keys:
            seen = self._seen.pop(key, None)
            if seen is None or now - seen.since >= SECONDS:
                due += _summary(key, seen)
                seen = _Seen(now)
            self._seen[key] = seen  # at the end: it was seen last
            full = full or (seen if seen.written >= most else None)
        while len(self._seen) > MOST_KINDS:
            oldest = next(iter(self._seen))
            due += _summary(oldest, self._seen.pop(oldest))
        if full is not None:
            full.held += 1
            return False, due
        for key, _ in keys:
            self._seen[key].written += 1
        return True, due

    def due(self, now: float) -> Iterator[dict[str, Any]]:
        """The summaries of what has not been told of for a while, and forget it."""
        for key, seen in list(self._seen.items()):
            if now - seen.since >= SECONDS:
                yield from _summary(key, self._seen.pop(key))

    def all(self) -> Iterator[dict[str, Any]]:
        """The summaries of everything: nothing more will be written."""
        yield from self.due(float("inf"))


def _key(line: Mapping[str, Any]) -> tuple[str, str, bool]:
    kind = str(line.get("event", ""))[:200]
    for names, ours in ((_OURS, True), (_OTHERS, False)):
        for name in names:
            if line.get(name) is not None:
                return kind, str(line[name])[:200], ours
    return kind, "", False


def _summary(key: Key, seen: _Seen | None) -> list[dict[str, Any]]:
    if seen is None or not seen.held:
        return []
    level, kind, about = key
    told = {"event": "lines_held_back", "level": level, "line": kind, "lines": seen.held, "seconds": SECONDS}
    return [told | ({"about": about} if about else {})]
