"""``ringback route``: what an operator sees and the exit codes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from config.problems import ConfigError
from server.cli import app
from tests.config.files import ENVIRONMENT, EXAMPLES

FRANCHISES = EXAMPLES / "franchises.yaml"
SUPPORT = EXAMPLES / "support.yaml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["route", *arguments], env={**ENVIRONMENT, "COLUMNS": "200"})


def test_a_click_is_explained_step_by_step() -> None:
    result = run(
        "test", str(FRANCHISES), "--at", "2026-11-24T15:00", "--number", "+16175550123",
        "--page", "/x", "--cart.value", "120", "--context.postal_code=02139",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert [line.strip() for line in result.output.splitlines()] == [
        "Click on shop, Tue 2026-11-24 15:00 (America/New_York)",
        "context: the page passed no coordinates",
        "postal: postal code 02139 of US is known",
        "number: not asked, as it cannot confirm the coordinates",
        "ip: no address is known",
        "the shopper is at: Cambridge MA 02139 US (42.3736, -71.1097)",
        "Route local",
        "local: matches; its branches decide",
        'fleet: no, cart.value >= 10000 || page.path.startsWith("/fleet") is false: cart.value is 120.0; '
        'page.path is "/x"',
        "local: takes the call, because no branch does",
        "local.steps[0]: one after the other, the nearest first, 20 s",
        "franchises/cambridge_ma (Cambridge store): rings 20 s, 0 km away, open until Tue 2026-11-24 19:00",
        "franchises/boston_ma (Boston store): rings 20 s, 4 km away, open until Tue 2026-11-24 19:00",
        "Otherwise: route national",
        "national: takes the call",
        "national.steps[0]: all at once, 60 s",
        "call_centre (National call centre): rings 60 s",
        "The call takes route local and rings",
        "1. Cambridge store (franchises/cambridge_ma), from 0 s to 20 s",
        "2. Boston store (franchises/boston_ma), from 20 s to 40 s",
        "3. National call centre (call_centre), from 40 s to 100 s",
        "if nobody answers, the hunt ends after 100 s",
        "otherwise: a message in mailbox national",
    ]


def test_a_shopper_by_pc_needs_no_number() -> None:
    shop = ("test", str(EXAMPLES / "browser_agents.yaml"), "--at", "2026-11-24T15:00")
    result = run(*shop, "--by", "pc")
    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.output.splitlines()]
    assert lines[0] == "Click on shop to talk by PC, Tue 2026-11-24 15:00 (America/New_York)"
    assert "The call takes route day, waits for its turn in queue sales and rings" in lines
    assert "to talk by PC" not in run(*shop, "--by", "phone").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--by", "pc"], "nobody talks by pc here: sites.shop.talk_methods is phone"),
        (["--at", "yesterday"], "write the time as 2026-12-24T15:00"),
        (["--site", "nothing"], "name one of the sites: shop"),
        (["--basket.value", "1"], "no such option: --basket.value"),
        (["--cart.value"], "--cart.value needs a value"),
    ],
)
def test_a_slip_on_the_command_line(arguments: list[str], words: str) -> None:
    result = run("test", str(FRANCHISES), *arguments)
    assert result.exit_code == 2
    assert words in " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.output).split())


def test_expectations_that_hold() -> None:
    result = run("tests", str(FRANCHISES))
    assert (result.exit_code, result.output) == (0, "6 of 6 tests passed\n")


def test_expectations_that_fail_tell_their_line_and_uncovered_routes_theirs(tmp_path: Path) -> None:
    text = FRANCHISES.read_text()
    text = text.replace("stores/franchises.csv", str(EXAMPLES / "stores" / "franchises.csv"))
    text = text.replace("prompts/greeting.wav", str(EXAMPLES / "prompts" / "greeting.wav"))
    text += (
        "tests:\n  - name: in the file itself\n    at: 2026-11-24T15:00\n"
        "    expect: {ending: 'callback:none'}\n"
    )
    tests = (EXAMPLES / "franchises.tests.yaml").read_text()
    tests = tests.replace("franchises/boston_ma, call_centre]", "call_centre]", 1)
    tests = tests.replace(
        "{route: fleet, destinations: [big_orders, call_centre]}", "{route: local, reason: never said}"
    )
    tests = tests.replace('cart.value: "12500"', 'cart.value: "125"')
    file, beside = tmp_path / "ringback.yaml", tmp_path / "ringback.tests.yaml"
    file.write_text(text.replace("callback:none", "message:national"))
    beside.write_text(tests)
    result = run("tests", str(file))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    at = {line.strip(): number for number, line in enumerate(text.splitlines(), 1)}
    beside_at = {line.strip(): number for number, line in enumerate(tests.splitlines(), 1)}
    order = beside_at["order: [franchises/cambridge_ma, call_centre]"]
    assert lines[0].startswith(f"{beside}:{order}:7: a shopper in Cambridge gets")
    assert lines[0].endswith(
        "expected to ring franchises/cambridge_ma, call_centre, and it rings "
        "franchises/cambridge_ma, franchises/boston_ma, call_centre"
    )
    assert lines[1].endswith('no line of the explanation says "never said"')
    assert lines[2] == f"warning: {file}:{at['fleet:']}:3: no test covers route fleet"
    assert lines[3] == "5 of 7 tests passed"
    file.write_text(text)
    assert 'there is no callback called "none"' in str(run("tests", str(file)).exception)


def test_a_file_of_expectations_tells_its_own_mistakes(tmp_path: Path) -> None:
    text = FRANCHISES.read_text()
    text = text.replace("stores/franchises.csv", str(EXAMPLES / "stores" / "franchises.csv"))
    text = text.replace("prompts/greeting.wav", str(EXAMPLES / "prompts" / "greeting.wav"))
    file, beside = tmp_path / "ringback.yaml", tmp_path / "ringback.tests.yaml"
    file.write_text(text)
    beside.write_text(
        "sites: {}\ntests:\n  - name: x\n    at: soon\n    busy_destinations: [big_order]\n    expect:\n"
        "      ending: message:nationl\n      rout: local\n  - name: y\n    at: 2026-11-24T15:00\n"
        "    expect: {ending: mail}\n"
    )
    error = run("tests", str(file)).exception
    assert isinstance(error, ConfigError)
    found = [line.removeprefix(f"{beside}:") for line in str(error).splitlines()]
    assert [line.partition(" ")[0] for line in found] == ["1:1:", "4:9:", "5:25:", "7:15:", "8:7:", "11:22:"]
    assert 'did you mean "national"?' in found[3]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["--at", "2026-11-24T11:00", "--busy", "anna"],
            [
                "ben (Ben): rings 20 s, 15 s (press 1, no machines), open until Tue 2026-11-24 17:30",
                "anna: not rung, 1 of 1 calls",
                "Queue support: the call may wait there until somebody is free",
                "The call takes route day, waits for its turn in queue support and rings",
                "otherwise: a callback with terms soon",
            ],
        ),
        (
            ["--at", "2026-11-24T11:00", "--busy", "anna", "--busy", "ben"],
            [
                "Nobody is free: the shopper waits in queue support",
                "otherwise: a callback with terms soon",
            ],
        ),
        (
            ["--at", "2026-11-24T18:00"],
            ["Nobody can be rung: Ringback dials the shopper, who leaves a message in mailbox support"],
        ),
    ],
)
def test_how_a_call_waits_and_ends_is_told(arguments: list[str], lines: list[str]) -> None:
    result = run("test", str(SUPPORT), *arguments)
    assert result.exit_code == 0, result.output
    told = [line.strip() for line in result.output.splitlines()]
    assert [line for line in told if line in lines] == lines
    assert "there is no destination bob" in run("test", str(SUPPORT), "--busy", "bob").output


def test_a_week_shows_what_becomes_of_a_call_that_nobody_takes() -> None:
    lines = run("week", str(SUPPORT), "--at", "2026-11-24T11:00").output.splitlines()
    assert lines[1] == "Mon 23 Nov " + "·" * 18 + "a" * 17 + "·" * 13
    assert lines[9:11] == [
        "·  nobody, else a message in mailbox support",
        "a  Anna, then Ben (route day, queue support), else a callback with terms soon",
    ]


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
        "a  National call centre (route local), else a message in mailbox national",
        "b  Cambridge store, then Boston store, then National call centre (route local), "
        "else a message in mailbox national",
    ]
    root = ElementTree.parse(drawing).getroot()
    assert root.tag.endswith("svg")
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "Thu 14:00: National call centre (route local), else a message in mailbox national" in titles


def test_a_day_that_loses_an_hour(tmp_path: Path) -> None:
    result = run("week", str(FRANCHISES), "--at", "2026-03-08T12:00", "--context.postal_code", "02139")
    assert result.output.splitlines()[7] == "Sun 08 Mar " + "aaaa" + "  " + "a" * 16 + "b" * 12 + "a" * 14
