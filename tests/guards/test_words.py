"""A new word of a closed list is told everywhere that the others are told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from bridge import dispositions, losses, ring_order
from bridge.causes import Disposition, HangupCause
from config.models import Config
from config.sections.route import RingStep
from routing import explain, strategies
from server import tables

ROOT = Path(__file__).parents[2]


def _docs(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_every_disposition_has_a_colour_in_the_terminal() -> None:
    assert {str(each) for each in Disposition} <= tables._STYLES.keys()


def test_every_cause_and_disposition_says_what_it_means() -> None:
    assert [word for word in (*HangupCause, *Disposition) if not word.meaning] == []


def test_every_cause_has_a_place_in_a_table_that_says_what_follows() -> None:
    # A leg of a process that died is written at the next start: nothing follows.
    placed = dispositions.FAULTS | losses.HUNG_UP | ring_order.ACTION_OF.keys() | {HangupCause.CORE_LOST}
    assert set(HangupCause) - placed == set()


def test_every_ring_strategy_is_known_to_routing_to_the_explanation_and_to_the_docs() -> None:
    strategy = set(get_args(RingStep.model_fields["strategy"].annotation))
    assert strategy == set(get_args(strategies.Strategy))
    assert strategy == explain._HOW.keys()
    table = _docs("routing.md").split("| strategy | who rings |")[1].split("\n\n")[0]
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", table)) == strategy


def test_every_section_of_the_settings_is_shown_in_an_example_or_in_the_docs() -> None:
    files = [*(ROOT / "config" / "examples").glob("*.yaml"), *(ROOT / "docs").glob("*.md")]
    shown = {key for file in files for key in re.findall(r"(?m)^(\w+):", file.read_text())}
    assert Config.model_fields.keys() - shown == set()
