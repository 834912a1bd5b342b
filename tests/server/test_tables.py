"""The tables that the operator reads."""

from __future__ import annotations

import pytest
from rich.console import Console

from bridge.cdr import CallRecord, WrapUp
from bridge.events import AudioQuality, MediaStats
from bridge.masking import mask_written
from server.listing import TextCell, TextColumn, TextTable, show
from server.tables import cdr_table
from tests.store.records import a_leg, a_record


def shown(record: CallRecord, **more: bool) -> str:
    console = Console(width=300, force_terminal=True, color_system=None)
    with console.capture() as captured:
        show(cdr_table([record], full_numbers=False, **more), console)
    return captured.get()


def test_how_a_call_sounded() -> None:
    stats = MediaStats("PCMU", received=990, lost=10, sent=1000, jitter_ms=2.6)
    shopper = a_leg(
        "s1", label="Shopper", answered_at=101.0, stats=stats, heard=AudioQuality(0.25, 11.5, 0.42)
    )
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


def test_a_list_fits_a_terminal_of_80_characters() -> None:
    record = a_record("one", legs=(a_leg("b1", label="The flagship store of Boston"),))
    console = Console(width=80, force_terminal=True, color_system=None)
    with console.capture() as captured:
        show(cdr_table([record], full_numbers=False), console)
    table = captured.get()
    assert max(len(line) for line in table.splitlines()) <= 80
    for whole in (record.call_id[:8], record.disposition.value, "+1617•••••00"):
        assert whole in table, table
    assert "Audio" not in table


def test_a_list_in_a_pipe_is_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[TextCell(("Boston: busy", "Salem: normal")), "x" * 300], ["", "\x1b[2Jend"]]
    show(
        TextTable("Calls", (TextColumn("Rang"), TextColumn("Page", from_width=200)), rows), Console(width=80)
    )
    head, first, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["Rang", "Page"]
    assert first == "Boston: busy; Salem: normal  " + "x" * 300
    assert last.split() == ["[2Jend"]


def test_numbers_in_subjects_are_masked_however_they_are_written() -> None:
    for number in ("+16175550100", "+1 617-555-0100", "+1 (617) 555 0100", "+1\u00a0617\u00a0555\u00a00100"):
        assert mask_written(f"[Shop] A message of Jo ({number})") == "[Shop] A message of Jo (+1617•••••00)"
    assert mask_written("2026-11-24 15:00:00+00:00, 12 s") == "2026-11-24 15:00:00+00:00, 12 s"
