"""A text that is in no file yet is checked as though it were: the same settings, problems and places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.loader import load, read
from config.problems import ConfigError
from config.source import LARGEST_FILE
from routing.load import check
from routing.load import read as read_routes
from tests.config.files import ENVIRONMENT, GOOD, changed, write_config

MORE = "destinations:\n  annex: {label: Annex, number: '+16175550199', trunk: carrier}\n"
SALES = "      - destinations: [store]\n"


def test_a_text_becomes_the_settings_that_its_file_would(tmp_path: Path) -> None:
    saved = load(write_config(tmp_path, GOOD), ENVIRONMENT)
    file = tmp_path / "not-there.yaml"
    drafted = read(GOOD, file, ENVIRONMENT)
    assert drafted.config == saved.config
    assert drafted.file == file
    assert not file.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sites:\n  - a\n\tb: 1\n",
        changed(("    route: sales\n", "    route: sale\n")),
        changed(("    greeting: welcome\n", "    greeting: welcome\n    rote: 1\n")),
        changed(("  welcome: welcome.wav\n", "  welcome: other.wav\n")),
        f"include: more/*.yaml\n{GOOD}",
    ],
)
def test_problems_are_those_of_the_file(tmp_path: Path, text: str) -> None:
    write_config(tmp_path, GOOD)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "wrong.yaml").write_text("hours: {day: {}}\n")
    with pytest.raises(ConfigError) as drafted:
        read(text, tmp_path / "ringback.yaml", ENVIRONMENT)
    with pytest.raises(ConfigError) as saved:
        load(write_config(tmp_path, text), ENVIRONMENT)
    assert str(drafted.value) == str(saved.value)


def test_the_draft_of_an_included_file_is_checked_within_the_whole(tmp_path: Path) -> None:
    text = changed((SALES, "      - destinations: [store, annex]\n"))
    file = write_config(tmp_path, f"include: annex.yaml\n{text}")
    annex = tmp_path / "annex.yaml"
    assert not check(file, ENVIRONMENT).ok  # there is no such file
    assert check(file, ENVIRONMENT, drafts={annex: MORE}).ok
    annex.write_text(MORE)
    report = check(file, ENVIRONMENT, drafts={annex: MORE.replace("carrier", "courier")})
    assert [problem.line(file) for problem in report.problems] == [
        f'{annex}:2:56: destinations.annex.trunk: there is no trunk called "courier": did you mean "carrier"?'
    ]
    assert check(file, ENVIRONMENT).ok  # what is saved is untouched


def test_routes_are_compiled_from_a_draft(tmp_path: Path) -> None:
    file = write_config(tmp_path, GOOD)
    text = changed(("  sales:\n", "  sales:\n    when: cart.value > 100\n    otherwise: rest\n")).replace(
        "    message: office\n", "  rest: {message: office}\n"
    )
    assert "rest" in read_routes(text, file, ENVIRONMENT).config.routes
    with pytest.raises(ConfigError, match=r"when: no variable carrt"):
        read_routes(text.replace("cart.", "carrt."), file, ENVIRONMENT)


def test_a_draft_is_no_larger_than_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="larger than 4 MiB"):
        read("#" * (LARGEST_FILE + 1), tmp_path / "ringback.yaml", ENVIRONMENT)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.integers(0, len(GOOD)))
def test_any_text_is_a_config_or_told(tmp_path: Path, typed: str, at: int) -> None:
    write_config(tmp_path, GOOD)
    file = tmp_path / "ringback.yaml"
    report = check(file, ENVIRONMENT, drafts={file: GOOD[:at] + typed + GOOD[at:]})
    assert report.ok != bool(report.problems)
