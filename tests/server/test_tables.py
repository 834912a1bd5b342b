"""The tables that the operator reads."""

from __future__ import annotations

from rich.console import Console

from bridge.cdr import CallRecord, WrapUp
from bridge.events import Hearing, MediaStats
from server.tables import cdr_table
from tests.store.records import a_leg, a_record


def shown(record: CallRecord, **more: bool) -> str:
    console = Console(width=300)
    with console.capture() as captured:
        console.print(cdr_table([record], full_numbers=False, **more))
    return captured.get()


def test_how_a_call_sounded() -> None:
    stats = MediaStats("PCMU", received=990, lost=10, sent=1000, jitter_ms=2.6)
    shopper = a_leg("s1", label="Shopper", answered_at=101.0, stats=stats, heard=Hearing(0.25, 11.5, 0.42))
    boston = a_leg("b1", label="Boston", answered_at=101.0, stats=stats)
    salem = a_leg("b2", label="Salem", stats=stats)
    table = shown(a_record("one", legs=(shopper, boston, salem)))
    in_words = "PCMU 1.0% lost 3 ms jitter"
    assert f"Shopper: {in_words}, heard 0.2% lost 12 ms jitter 0.4% made up " in table
    assert f"Boston: {in_words} " in table
    assert f"Salem: {in_words}" not in table


def test_a_call_without_audio() -> None:
    assert "lost" not in shown(a_record("one", legs=(a_leg("s1", answered_at=101.0),)))
    assert MediaStats("PCMU", received=0, lost=0, sent=0, jitter_ms=0.0).loss == 0


def test_what_agents_wrote() -> None:
    written = (
        WrapUp("alice", "sale", "Wants [red]\x1b[2J ones", 101.0),
        WrapUp("ben", None, "Called back", 102.0),
        WrapUp("cleo", "other", None, 103.0),
    )
    table = shown(a_record("one", wrap_ups=written), notes=True)
    for line in ("alice: sale: Wants [red]", "ben: Called back ", "cleo: other "):
        assert line in table
    assert "\x1b" not in table
    assert "alice" not in shown(a_record("one", wrap_ups=written))
