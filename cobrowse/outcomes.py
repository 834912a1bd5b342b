"""What became of one event of a shopper's page: what agents get of it, or why they get nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Labels of the metric that counts what is not passed on.
DropReason = Literal[
    "not_json",  # not what rrweb sends, or larger than a message may be
    "unknown",  # a type or source that is not on the list: custom and plugin events, canvas, fonts, logs
    "waiting",  # before the next full snapshot nothing else makes sense
    "hidden",  # about what agents do not see
    "empty",  # nothing is left of it
]
#: Why the picture must be made again.
SnapshotNeed = Literal[
    "first",  # the page has not been seen yet
    "many_adds",  # more came at once than is worked off in one go
    "unknown_node",  # it changes what the mirror does not know: an event was lost
    "hidden_now",  # something that agents see is private from now on
    "new_rules",  # the settings of the site have changed
]
#: Which bound is passed.
Bound = Literal["bytes", "nodes", "depth", "hidden_nodes"]


@dataclass(frozen=True, slots=True)
class EventPassed:
    """What agents get, as JSON."""

    data: bytes
    #: Whether it is a full snapshot, which replaces all before it.
    snapshot: bool = False
    #: Whether the shopper did something: moved, typed, scrolled. It counts for the view's idle time.
    active: bool = False


@dataclass(frozen=True, slots=True)
class EventDropped:
    """Agents get nothing."""

    reason: DropReason


@dataclass(frozen=True, slots=True)
class NeedsSnapshot:
    """Agents get nothing before the next full snapshot: ask for one. What comes meanwhile is dropped."""

    why: SnapshotNeed


@dataclass(frozen=True, slots=True)
class PageTooLarge:
    """The page is larger than a mirror holds: agents do not see this document."""

    bound: Bound


MirrorOutcome = EventPassed | EventDropped | NeedsSnapshot | PageTooLarge
