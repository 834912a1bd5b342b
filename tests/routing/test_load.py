"""A config file whose routes are wrong: every problem at its line and column, in conditions and tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import ConfigError
from routing.load import load
from tests.config.files import ENVIRONMENT, changed, write_config

STORES = """\
name,label,sip,latitude,longitude,postal_code,country,hours,max_calls
boston,Boston,sip:b@pbx.example,42.36,-71.06,02108,US,Mo-Fr 09:00-18:00,2
salem,Salem,sip:s@pbx.example,42.52,-70.90,01970,US,,
"""


def problems(folder: Path, text: str, stores: str = STORES) -> list[str]:
    (folder / "stores.csv").write_text(stores)
    file = write_config(folder, text)
    try:
        load(file, ENVIRONMENT)
    except ConfigError as error:
        return [line.removeprefix(f"{folder}/") for line in str(error).split("\n")]
    return []


def warned(folder: Path, text: str) -> list[str]:
    file = write_config(folder, text)
    return [problem.line(Path("f")) for problem in load(file, ENVIRONMENT).warnings]


SALES = "routes:\n  sales:\n    steps:\n      - destinations: [store]\n    message: office\n"


def routes(text: str) -> str:
    return changed((SALES, "routes:\n" + text))


@pytest.mark.parametrize(
    ("when", "place", "words"),
    [
        ("carts.value > 1", "25:11", "no variable carts"),
        ("cart.value > 1 && call.sit == 'x'", "25:34", "call has no field sit"),
        ('"cart.value > 1 && \\"a\\" == now.hour"', "25:36", "never equal"),
        ("'cart.value > 1 && call.site == ''a'' && now.hour'", "25:56", "must be true or false"),
        (">-\n      cart.value > 1 &&\n      call.sit == 'x'", "27:12", "call has no field sit"),
        ("cart.value > 1\n      && call.sit == 'x'", "26:15", "call has no field sit"),
        ("cart.value >", "25:23", "a value expected"),
    ],
)
def test_a_condition_is_wrong_at_its_character(tmp_path: Path, when: str, place: str, words: str) -> None:
    text = routes(
        f"  sales:\n    when: {when}\n    steps:\n      - destinations: [store]\n    message: office\n"
    )
    (line,) = problems(tmp_path, text)
    assert line.startswith(f"ringback.yaml:{place}: routes.sales.when: ")
    assert words in line


def test_hours_tables_and_conditions_tell_everything_at_once(tmp_path: Path) -> None:
    text = changed(
        (
            SALES,
            "hours:\n  day: {opening_hours: Mo-Fr 09:00-18:00; PH offf, country: US}\n"
            "  night: {opening_hours: 24/7, time_zone: Mars/A}\n"
            "stores:\n  shops: {file: stores.csv, hours: day}\n"
            "routes:\n  sales:\n    when: x\n    hours: night\n    steps:\n"
            "      - {strategy: nearest, destinations: [shops, shops/bostn, store]}\n    message: office\n",
        )
    )
    wrong = STORES.replace("Mo-Fr 09", "Mo-Fx 09").replace(",2\n", ",two\n")
    lines = problems(tmp_path, text, wrong)
    assert [line.partition(": ")[0] for line in lines] == [
        "ringback.yaml:24:49", "ringback.yaml:25:43", "ringback.yaml:30:11",
        "stores.csv:2:58", "stores.csv:2:73",
    ]  # fmt: skip


def test_a_row_that_a_table_lacks(tmp_path: Path) -> None:
    text = changed(
        (SALES, "stores:\n  shops: {file: stores.csv}\n" + SALES.replace("[store]", "[shops/bostn, store]"))
    )
    (line,) = problems(tmp_path, text)
    assert line.endswith('the table shops has no row called "bostn": did you mean "boston"?')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "  sales: {branches: [b]}\n  b: {otherwise: sales}\n",
            "25:18: routes.b.otherwise: calls would go in a circle: sales → b → sales",
        ),
        (
            "  sales: {branches: [b, c]}\n  b: {steps: [{destinations: [store]}], branches: [c]}\n"
            "  c: {steps: [{destinations: [store]}]}\n",
            "c is a branch of sales already: a route can have only one parent",
        ),
        ("  sales: {branches: [b]}\n  b: {when: 'true'}\n", "routes.b: nobody rings"),
        ("  sales: {steps: []}\n", "routes.sales.steps: needs at least one item"),
        ("  sales: {otherwise: nobody}\n", 'there is no route called "nobody"'),
        (
            "  sales: {steps: [{destinations: [store], delay: {stor: 5s}}]}\n",
            'not a destination of this step: did you mean "store"?',
        ),
    ],
)
def test_a_tree_that_is_none(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in line for line in problems(tmp_path, routes(text)))


def test_routes_that_no_call_reaches_are_doubtful(tmp_path: Path) -> None:
    text = routes(
        "  sales: {branches: [a, b], steps: [{destinations: [store]}], message: office}\n  a: {}\n"
        "  b: {when: cart.value > 1}\n"
        "  lonely: {branches: [lost]}\n  lost: {steps: [{destinations: [store]}]}\n"
    )
    assert [line.partition(": ")[2].partition(":")[0] for line in warned(tmp_path, text)] == [
        "routes.sales.branches[1]", "routes.lonely", "routes.lost",
    ]  # fmt: skip
