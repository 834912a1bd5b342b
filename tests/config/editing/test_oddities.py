"""What edits make of files as people write them: a literal text before, an edit, and the text after."""

from __future__ import annotations

import pytest

from config.editing.apply import apply, read_text_source
from config.editing.edits import Add, Edit, EditError, Move, Remove, Rename, Set, SharedError
from tests.config.editing.texts import FILE

HOURS = """\
# Our shop.
hours:
  shop:  # the one in Main Street
    # Closed on Sundays.
    opening_hours: "Mo-Fr 09:00-18:00; Sa 10:00-14:00"   # since May
    time_zone: 'America/New_York'

  # The workshop.
  workshop: {opening_hours: Mo-Fr 08:00-17:00, country: US}
queues:
"""


def made(text: str, *edits: Edit, lines: bool = False) -> str:
    return apply(read_text_source(text, FILE, lines=lines), edits, lines=lines)


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (
            Set(("hours", "shop", "opening_hours"), "Mo-Sa 09:00-13:00"),
            '"Mo-Fr 09:00-18:00; Sa 10:00-14:00"   # since',
            '"Mo-Sa 09:00-13:00"   # since',
        ),
        (Set(("hours", "shop", "time_zone"), "O'Hare"), "'America/New_York'", "'O''Hare'"),
        (Set(("hours", "shop", "country"), "US"), "York'\n", "York'\n    country: US\n"),
        (Set(("hours", "workshop", "country"), "CA"), "country: US}", "country: CA}"),
        (Set(("hours", "workshop", "region"), "MA"), "country: US}", "country: US, region: MA}"),
        (Set(("queues",), {"sales": {}}), "queues:\n", "queues:\n  sales: {}\n"),
        (Add(("queues",), "sales", {"length": 5}), "queues:\n", "queues:\n  sales:\n    length: 5\n"),
        (
            Remove(("hours", "shop", "opening_hours")),
            "    # Closed on Sundays.\n    opening_hours: "
            '"Mo-Fr 09:00-18:00; Sa 10:00-14:00"   # since May\n',
            "",
        ),
        (Remove(("hours", "workshop", "country")), ", country: US}", "}"),
        (
            Remove(("hours", "workshop")),
            "\n  # The workshop.\n  workshop: {opening_hours: Mo-Fr 08:00-17:00, country: US}\n",
            "",
        ),
        (Rename(("hours", "shop"), "Main Street"), "  shop:  #", "  Main Street:  #"),
        (
            Set(("hours", "shop"), None),
            HOURS[HOURS.index("  shop:") : HOURS.index("\n  # The")],
            "  shop: null  # the one in Main Street\n",
        ),
    ],
)
def test_an_edit_touches_this_alone(edit: Edit, old: str, new: str) -> None:
    assert HOURS.count(old) == 1
    assert made(HOURS, edit) == HOURS.replace(old, new)


def test_lines_keep_their_ends_and_a_file_without_a_last_one_gets_none() -> None:
    text = "a:\r\n  b: 1\r\n  c: 2"
    assert made(text, Set(("a", "c"), 3), Add(("a",), "d", [1], "b")) == "a:\r\n  b: 1\r\n  d: [1]\r\n  c: 3"


def test_a_text_in_lines_keeps_its_style_and_its_place() -> None:
    text = "a:\n  text: >-  # said\n    Thank you for calling.\n    Goodbye.\n  b: 1\n"
    assert made(text, Set(("a", "text"), "Hello {site}: how are you?")) == (
        "a:\n  text: >- # said\n    Hello {site}: how are you?\n  b: 1\n"
    )


def test_items_of_a_list_keep_their_dashes() -> None:
    text = "steps:\n- to: sales  # first\n  ring: 20s\n# then\n- to: support\n"
    assert made(text, Remove(("steps", 0, "to"))) == "steps:\n- ring: 20s\n# then\n- to: support\n"
    assert made(text, Move(("steps", 1), 0)) == (
        "steps:\n# then\n- to: support\n- to: sales  # first\n  ring: 20s\n"
    )
    assert made(text, Add(("steps",), 1, {"to": "x", "ring": "5s"})) == (
        "steps:\n- to: sales  # first\n  ring: 20s\n- to: x\n  ring: 5s\n# then\n- to: support\n"
    )


def test_braces_stay_on_their_line_until_it_is_full() -> None:
    text = "site: {label: " + "x" * 65 + ", key: abc}\n"
    assert made(text, Add(("site",), "route", "sales")) == text.replace("abc}", "abc, route: sales}")
    long = made(text, Add(("site",), "origins", ["https://shop.example"]))
    assert long == text.replace("abc}", "abc,\n       origins: [https://shop.example]}")


ANCHORS = """\
boston:
  call: &call {url: https://a.example, wait: 5}
hartford:
  call: *call
albany: {call: *call}
"""


def test_an_edit_inside_an_anchor_asks() -> None:
    with pytest.raises(SharedError) as refused:
        made(ANCHORS, Set(("hartford", "call", "wait"), 9))
    assert refused.value.users == (("boston", "call"), ("hartford", "call"), ("albany", "call"))
    assert made(ANCHORS, Set(("hartford", "call", "wait"), 9, "all")) == ANCHORS.replace("5}", "9}")
    alone = made(ANCHORS, Set(("hartford", "call", "wait"), 9, "here"))
    assert alone == ANCHORS.replace("  call: *call", "  call:\n    url: https://a.example\n    wait: 9")


def test_the_place_of_the_anchor_can_go_its_own_way() -> None:
    alone = made(ANCHORS, Set(("boston", "call", "wait"), 9, "here"))
    assert alone == ANCHORS.replace(
        "&call {url: https://a.example, wait: 5}", "{url: https://a.example, wait: 9}"
    ).replace("  call: *call", "  call: &call {url: https://a.example, wait: 5}")
    assert "hartford:\n  call: &call {url" in made(ANCHORS, Remove(("boston",)))


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: 1\na: 2\n", Set(("a",), 3)),
        ("a: 1\n", Remove(("b",))),
        ("a: 1\n", Remove(("a",))),
        ("a: {b: 1}\n", Add(("a",), "b", 2)),
        ("a: x\n", Set(("a",), "two\nlines")),
        ("a: [1]\n", Rename(("a", 0), "b")),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_place(text: str, edit: Edit) -> None:
    with pytest.raises(EditError) as refused:
        made(text, edit)
    assert refused.value.place.line >= 1
    assert refused.value.why
