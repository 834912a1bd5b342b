"""Two people edit one file: by setting, not by line, and nothing of either is lost."""

from __future__ import annotations

import pytest

from config.editing.apply import apply, read_text_source
from config.editing.edits import Edit
from config.editing.merging import Conflict, Conflicts, merge
from tests.config.editing.texts import FILE

BASE = """\
hours:
  # Main Street
  shop: {opening_hours: "Mo-Fr 09:00-18:00", time_zone: America/New_York}
  workshop:
    opening_hours: Mo-Fr 08:00-17:00
routes:
  sales:
    steps:
      - destinations: [a, b]
        timeout: 20s
"""


def joined(theirs: str, mine: str) -> str:
    edits: list[Edit] = merge(BASE, theirs, mine)
    return apply(read_text_source(theirs, FILE), edits)


def test_different_settings_of_one_line_are_joined() -> None:
    theirs = BASE.replace("18:00", "19:00")
    mine = BASE.replace("America/New_York", "America/Chicago").replace("20s", "25s")
    assert joined(theirs, mine) == theirs.replace("America/New_York", "America/Chicago").replace("20s", "25s")


def test_the_same_change_twice_is_no_conflict() -> None:
    both = BASE.replace("18:00", "19:00").replace(
        "  workshop:", "  annex: {opening_hours: 24/7}\n  workshop:"
    )
    assert joined(both, both) == both


def test_another_layout_on_disk_is_no_conflict() -> None:
    theirs = BASE.replace('{opening_hours: "Mo-Fr 09:00-18:00", ', "{ opening_hours: 'Mo-Fr 09:00-18:00',  ")
    theirs = theirs.replace("20s", "20s  # short")
    mine = BASE.replace("09:00-18:00", "10:00-18:00").replace("20s", "30s")
    assert joined(theirs, mine) == theirs.replace("09:00-18:00", "10:00-18:00").replace("20s", "30s")


def test_entries_and_comments_of_both_come_together() -> None:
    theirs = BASE.replace("routes:", "  night: {opening_hours: 24/7}  # theirs\nroutes:")
    mine = BASE.replace("  # Main Street", "  # Main Street 5").replace(
        "routes:", "  day: {}  # mine\nroutes:"
    )
    both = joined(theirs, mine)
    for part in ("night: {opening_hours: 24/7}  # theirs", "day: {}  # mine", "# Main Street 5"):
        assert part in both


WORKSHOP = "  workshop:\n    opening_hours: Mo-Fr 08:00-17:00\n"
OPEN, SHORTER = {"opening_hours": "Mo-Fr 08:00-17:00"}, {"opening_hours": "Mo-Fr 08:00-16:00"}
TIMEOUT = ("routes", "sales", "steps", 0, "timeout")


@pytest.mark.parametrize(
    ("theirs", "mine", "conflict"),
    [
        (("20s", "30s"), ("20s", "40s"), Conflict(TIMEOUT, "20s", "30s", "40s")),
        ((WORKSHOP, ""), ("08:00-17", "08:00-16"), Conflict(("hours", "workshop"), OPEN, None, SHORTER)),
        (("08:00-17", "08:00-16"), (WORKSHOP, ""), Conflict(("hours", "workshop"), OPEN, SHORTER, None)),
    ],
)
def test_what_both_changed_is_asked(
    theirs: tuple[str, str], mine: tuple[str, str], conflict: Conflict
) -> None:
    with pytest.raises(Conflicts) as asked:
        joined(BASE.replace(*theirs), BASE.replace(*mine))
    assert asked.value.conflicts == (conflict,)


def test_a_change_is_taken_back_later_than_others() -> None:
    first = BASE.replace("08:00-17:00", "08:00-13:00")
    later = first.replace("20s", "45s").replace("Main Street", "High Street")
    # Undo: from what it made back to what was before, joined with what is there now.
    undone = apply(read_text_source(later, FILE), merge(first, later, BASE))
    assert undone == BASE.replace("20s", "45s").replace("Main Street", "High Street")
