"""``python -m bridge.reference`` writes ``docs/call.md``: the life of a call, drawn from the live tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bridge.causes import Disposition, HangupCause, Word
from bridge.commands import MediaCommand
from bridge.departures import FOLLOWS, Follow, Manner, manner_of
from bridge.legs import LEG_TRANSITIONS
from bridge.transitions import CALL_TRANSITIONS

PAGE = Path(__file__).parent.parent / "docs" / "call.md"

_INTRODUCTION = """\
# The life of a call

Written by `python -m bridge.reference` from the tables that the server runs; a test fails when it is stale.

A call is a pure machine (`bridge/call.py`): an event goes in, commands and facts come out, and nothing else
happens. An event first moves its leg. What that means for the call as a whole is a trigger
(`bridge/call_moves.py`), which leads to another state of the call (`bridge/call_states.py`).
"""

_PARTS = """\
A business leg with screening does not take the call by answering. It hears a prompt, and a timer runs,
until the right key is pressed (`bridge/hunt.py`). When a hunt begins, the route says who is rung
(`AskRoute`). With a queue, each hunt is a turn that the queue gives (`calls/waiting_room.py`). A
message counts as soon as one second of it is on disk, even if the shopper hangs up then
(`bridge/message.py`). A callback counts as soon as it is booked.
"""


def page() -> str:
    """The whole page as Markdown with Mermaid diagrams."""
    commands = {kind.__name__ for kind in MediaCommand.__args__}
    legs = [
        (before, f"{kind.__name__}{' (ours)' if kind.__name__ in commands else ''}", after)
        for before, row in LEG_TRANSITIONS.items()
        for kind, after in row.items()
    ]
    calls = [
        (before, trigger, after) for before, row in CALL_TRANSITIONS.items() for trigger, after in row.items()
    ]
    parts = [
        _INTRODUCTION,
        "## The call\n",
        _diagram(calls),
        _PARTS,
        "## A leg\n",
        "What changes nothing (late and duplicate events, commands that a state allows) is left out here; "
        "`bridge/legs.py` has every row.\n",
        _diagram((before, name, after) for before, name, after in legs if before is not after),
        "## When somebody leaves\n",
        "Who left, and how, decides what follows (`bridge/departures.py`). If a cell has several words, the "
        "call does the first one that is possible.\n",
        _departures(),
        _list(Follow),
        "How a leg ended, by its hangup cause (`bridge/losses.py`):\n",
        _manners(),
        "## Dispositions\n",
        "Every call has exactly one.\n",
        _list(Disposition),
        "## Hangup causes\n",
        "Why one leg ended. `sip/causes.py` has the table from SIP status to cause.\n",
        _list(HangupCause),
    ]
    return "\n".join(parts)


def _diagram(rows: Iterable[tuple[Any, Any, Any]]) -> str:
    lines = [f"    {before} --> {after}: {name}" for before, name, after in rows]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _list(words: Iterable[Word]) -> str:
    rows = [f"| `{word}` | {word.meaning} |" for word in words]
    return "\n".join(["| word | meaning |", "| --- | --- |", *rows, ""])


def _departures() -> str:
    head = " | ".join(manner.meaning for manner in Manner)
    rows = [
        f"| {leaver.meaning} | {' | '.join(_words(follows[manner]) for manner in Manner)} |"
        for leaver, follows in FOLLOWS.items()
    ]
    return "\n".join([f"| who left | {head} |", "| --- | --- | --- | --- |", *rows, ""])


def _manners() -> str:
    rows = [
        f"| {manner.meaning} | {_words(cause for cause in HangupCause if manner_of(cause) is manner)} |"
        for manner in Manner
    ]
    return "\n".join(["| how | causes |", "| --- | --- |", *rows, ""])


def _words(words: Iterable[Word]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "nothing"


if __name__ == "__main__":
    PAGE.write_text(page())
