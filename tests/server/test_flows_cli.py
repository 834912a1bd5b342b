"""``ringback flows try``: an operator talks to the Radiator's flow, and the real router answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.config.files import ENVIRONMENT, EXAMPLES, GOOD, write_wav

#: Tuesday afternoon, and Sunday.
OPEN, CLOSED = "2026-11-24T15:00", "2026-11-22T15:00"


def talk(at: str, *typed: str, passed: tuple[str, ...] = (), code: int = 0) -> str:
    arguments = ["flows", "try", str(EXAMPLES / "radiator.yaml"), "--at", at, *passed]
    lines = "".join(f"{line}\n" for line in typed)
    result = CliRunner().invoke(app, arguments, input=lines, env={**ENVIRONMENT, "COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


def test_the_nearest_open_franchise_is_named_with_its_distance_and_calls() -> None:
    told = talk(OPEN, "'09 please", "frod", "f150", "/skip", "my zip is 02139", "call me at 617 555 0123")
    assert "Coolway Boston is open now and 2.3 miles away" in told
    assert "your 2009 Ford?" in told
    assert "=> call\n" in told
    for line in ("vehicle.year: 2009", "vehicle.model: F-150", "postal_code: 02139", "number: +16175550123"):
        assert f"   {line}\n" in told
    assert "consent: By giving your number" in told


def test_when_the_counter_is_busy_the_next_one_is_named() -> None:
    told = talk(OPEN, "2009", "honda", "civic", "1.8", "06103", "/quit", passed=("--busy", "hartford"))
    assert "Coolway Albany is open now" in told


def test_out_of_hours_the_parts_desk_is_offered() -> None:
    told = talk(CLOSED, "2009", "honda", "civic", "1.8", "02139", "2", "please call", "ann@shop.example")
    assert "No workshop near you is open now." in told
    assert "=> message\n" in told
    assert "   message: please call\n" in told


def test_what_the_page_passes_is_not_asked_and_can_be_changed() -> None:
    passed = ("--context.vehicle.make", "honda", "--context.vehicle.year=2012")
    told = talk(
        OPEN, "civic", "skip", "/list", "/back vehicle.make", "toyota", "camry", "/person", passed=passed
    )
    assert "Which year?" not in told
    assert "Make: Honda  (vehicle.make)" in told
    assert "   vehicle.model: Camry\n" in told
    assert "=> chat\n" in told


def test_the_flow_is_named_where_there_are_none() -> None:
    assert "there is no destination nobody" in talk(OPEN, passed=("--busy", "nobody"), code=2)
    assert "write the time as" in talk("soon", code=2)


@pytest.mark.parametrize("arguments", [[], ["--flow", "brakes"]])
def test_a_config_without_flows(tmp_path: Path, arguments: list[str]) -> None:
    write_wav(tmp_path / "welcome.wav")
    (tmp_path / "ringback.yaml").write_text(GOOD)
    result = CliRunner().invoke(
        app,
        ["flows", "try", str(tmp_path / "ringback.yaml"), *arguments],
        env={**ENVIRONMENT, "COLUMNS": "200"},
    )
    assert result.exit_code == 2
    assert "there are none" in result.output
