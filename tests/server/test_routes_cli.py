"""``ringback route``: what an operator sees and the exit codes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from tests.config.files import EXAMPLES

FRANCHISES = EXAMPLES / "franchises.yaml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["route", *arguments], env={"COLUMNS": "200"})


def test_a_click_is_explained_step_by_step() -> None:
    result = run(
        "test", "--config", str(FRANCHISES), "--at", "2026-11-24T15:00", "--number", "+16175550123",
        "--page", "/x", "--cart.value", "120", "--context.postal_code=02139",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert [line.strip() for line in result.output.splitlines()] == [
        "A click on shop at Tue 2026-11-24 15:00 (America/New_York)",
        "context: the page passed no coordinates",
        "postal: postal code 02139 of US is known",
        "number: not asked, as it cannot confirm the coordinates",
        "ip: no address is known",
        "the shopper is at: Cambridge MA 02139 US (42.3736, -71.1097)",
        "Route local",
        "local: matches; its branches decide",
        'fleet: no, cart.value >= 10000 || page.path.startsWith("/fleet") is false: cart.value is 120.0; '
        'page.path is "/x"',
        "local: takes the call, as no branch does",
        "local.steps[0]: the nearest first, 20 s",
        "franchises/cambridge_ma (Cambridge store): rings 20 s, open until Tue 2026-11-24 19:00",
        "franchises/boston_ma (Boston store): rings 20 s, open until Tue 2026-11-24 19:00",
        "Otherwise: route national",
        "national: takes the call",
        "national.steps[0]: all at once, 60 s",
        "call_centre (National call centre): rings 60 s",
        "The call takes route local and rings",
        "1. Cambridge store (franchises/cambridge_ma), from 0 s to 20 s",
        "2. Boston store (franchises/boston_ma), from 20 s to 40 s",
        "3. National call centre (call_centre), from 40 s to 100 s",
        "if nobody answers, the hunt ends after 100 s",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--at", "yesterday"], "write a moment as 2026-12-24T15:00"),
        (["--site", "nothing"], "name one of the sites: shop"),
        (["--basket.value", "1"], "no such option: --basket.value"),
        (["--cart.value"], "--cart.value needs a value"),
    ],
)
def test_a_slip_on_the_command_line(arguments: list[str], words: str) -> None:
    result = run("test", "--config", str(FRANCHISES), *arguments)
    assert result.exit_code == 2
    assert words in " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.output).split())


def test_expectations_that_hold() -> None:
    result = run("tests", str(FRANCHISES))
    assert (result.exit_code, result.output) == (0, "6 of 6 tests are as expected\n")


def test_expectations_that_fail_tell_their_line_and_uncovered_routes_theirs(tmp_path: Path) -> None:
    text = FRANCHISES.read_text()
    text = text.replace("stores/franchises.csv", str(EXAMPLES / "stores" / "franchises.csv"))
    text = text.replace("prompts/greeting.wav", str(EXAMPLES / "prompts" / "greeting.wav"))
    text = text.replace("franchises/boston_ma, call_centre]", "call_centre]", 1)
    text = text.replace(
        "{route: fleet, destinations: [big_orders, call_centre]}", "{route: local, reason: never said}"
    )
    text = text.replace('cart.value: "12500"', 'cart.value: "125"')
    file = tmp_path / "ringback.yaml"
    file.write_text(text)
    result = run("tests", str(file))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    at = {line.strip(): number for number, line in enumerate(text.splitlines(), 1)}
    order = at["order: [franchises/cambridge_ma, call_centre]"]
    assert lines[0].startswith(f"{file}:{order}:7: a shopper in Cambridge gets")
    assert lines[0].endswith(
        "expected to ring franchises/cambridge_ma, call_centre, and it rings "
        "franchises/cambridge_ma, franchises/boston_ma, call_centre"
    )
    assert lines[1].endswith('no line of the explanation says "never said"')
    assert lines[2] == f"warning: {file}:{at['fleet:']}:3: no test comes to route fleet"
    assert lines[3] == "4 of 6 tests are as expected"


def test_a_week_in_the_terminal_and_as_a_drawing(tmp_path: Path) -> None:
    drawing = tmp_path / "week.svg"
    result = run(
        "week", str(FRANCHISES), "--at", "2026-12-24T15:00", "--context.postal_code", "02139",
        "--number", "+16175550123", "--svg", str(drawing),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    night, day = "a", "b"
    assert lines[1] == "Mon 21 Dec " + night * 18 + day * 20 + night * 10
    assert lines[4] == "Thu 24 Dec " + night * 18 + day * 10 + night * 20
    assert lines[5] == "Fri 25 Dec " + night * 48
    assert lines[7] == "Sun 27 Dec " + night * 22 + day * 12 + night * 14
    assert lines[9:11] == [
        "a  National call centre (route local)",
        "b  Cambridge store, then Boston store, then National call centre (route local)",
    ]
    root = ElementTree.parse(drawing).getroot()
    assert root.tag.endswith("svg")
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "Thu 14:00: National call centre (route local)" in titles


def test_a_day_that_loses_an_hour(tmp_path: Path) -> None:
    result = run("week", str(FRANCHISES), "--at", "2026-03-08T12:00", "--context.postal_code", "02139")
    assert result.output.splitlines()[7] == "Sun 08 Mar " + "aaaa" + "  " + "a" * 16 + "b" * 12 + "a" * 14
