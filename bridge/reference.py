"""``python -m bridge.reference`` writes ``docs/call.md``: the life of a call, drawn from the live tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bridge.call import CALL_TRANSITIONS
from bridge.causes import Disposition, HangupCause
from bridge.commands import MediaCommand
from bridge.legs import LEG_TRANSITIONS

PAGE = Path(__file__).parent.parent / "docs" / "call.md"

_INTRODUCTION = """\
# The life of a call

Written by `python -m bridge.reference` from the tables that the server runs; a test fails when it is stale.

A call is a pure machine (`bridge/call.py`): an event goes in, commands come out, and nothing else happens.
An event first moves its leg; what that means for the call as a whole is a trigger.
"""

_MEANINGS: Mapping[Disposition | HangupCause, str] = {
    Disposition.BRIDGED: "shopper and business talked",
    Disposition.UNANSWERED: "the shopper was there, nobody at the business took the call",
    Disposition.SHOPPER_UNREACHABLE: "busy, no answer, declined, or no such phone",
    Disposition.REFUSED: "a limit or a rule said no before anything was dialled",
    Disposition.CANCELLED: "the shopper gave up: on the page, or by hanging up before the bridge",
    Disposition.FAILED: "our fault, or the trunk's",
    HangupCause.NORMAL: "the far side hung up",
    HangupCause.BUSY: "busy",
    HangupCause.NO_ANSWER: "it rang, nobody took it",
    HangupCause.DECLINED: "declined",
    HangupCause.UNREACHABLE: "nothing there, not registered, or the peer is silent",
    HangupCause.NOT_FOUND: "no such number or user",
    HangupCause.FORBIDDEN: "the trunk refuses this call",
    HangupCause.UNAUTHORIZED: "the trunk refuses our credentials",
    HangupCause.CONGESTION: "the trunk, or our own pool, is out of capacity",
    HangupCause.INCOMPATIBLE: "no common codec or transport",
    HangupCause.FAILED: "the far side failed in another way",
    HangupCause.MEDIA_TIMEOUT: "no RTP for too long",
    HangupCause.WORKER_LOST: "our media worker died under it",
    HangupCause.CORE_LOST: "our core process died under it",
    HangupCause.RING_TIMEOUT: "we stopped ringing it",
    HangupCause.ANSWERED_ELSEWHERE: "another destination was faster",
    HangupCause.PEER_ENDED: "the other side of the call was gone",
    HangupCause.CANCELLED: "the call was cancelled",
    HangupCause.TIME_LIMIT: "the call reached its longest allowed duration",
}


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
        "## A leg\n",
        "What changes nothing (late and duplicate events, commands that a state allows) is left out here; "
        "`bridge/legs.py` has every row.\n",
        _diagram((before, name, after) for before, name, after in legs if before is not after),
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


def _list(words: Iterable[Disposition | HangupCause]) -> str:
    rows = [f"| `{word}` | {_MEANINGS[word]} |" for word in words]
    return "\n".join(["| word | meaning |", "| --- | --- |", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page())
