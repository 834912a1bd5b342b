"""No test is lost by the order, and none of a group leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st

from tests.plumbing.order import group, ordered

HERE = PurePath("/tests")


@dataclass(frozen=True)
class Item:
    path: PurePath
    number: int


def items(*files: str) -> list[Item]:
    return [Item(HERE / file, number) for number, file in enumerate(files)]


def names(found: list[Item]) -> list[str]:
    return [f"{each.path.relative_to(HERE).parent}{each.number}" for each in found]


def test_browsers_and_phones_are_mixed_and_short_tests_come_last() -> None:
    given_ = items("api/a.py", *["demo/b.py"] * 3, "pbx/c.py", "pbx/d.py", *["sip/e.py"] * 3, "widget/f.py")
    assert names(ordered(given_, HERE)) == [
        *("demo1", "demo2", "demo3", "pbx4", "pbx5"),
        *("sip6", "widget9", "sip7", "sip8", "api0"),
    ]


def test_a_file_from_elsewhere_has_its_place() -> None:
    assert ordered([Item(PurePath("/tmp/test_x.py"), 0)], HERE) == [Item(PurePath("/tmp/test_x.py"), 0)]


FILES = ("api/a.py", "demo/b.py", "demo/c.py", "pbx/d.py", "pbx/e.py", "sip/f.py", "widget/g.py")


@given(st.lists(st.sampled_from(FILES), max_size=40))
def test_any_tests_are_all_there_and_groups_stay_together(files: list[str]) -> None:
    given_ = items(*sorted(files))  # as pytest collects them
    found = ordered(given_, HERE)
    assert sorted(found, key=lambda each: each.number) == given_
    for name in {group(each.path.relative_to(HERE)) for each in given_} - {None}:
        places = [at for at, each in enumerate(found) if group(each.path.relative_to(HERE)) == name]
        assert places == list(range(places[0], places[-1] + 1))
        numbers = [found[at].number for at in places]
        assert numbers == sorted(numbers)
