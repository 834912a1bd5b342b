"""``ringback cobrowse test``: what an agent would see of a saved page, from the server's own mirror."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.cobrowse.corpus import PAGES
from tests.config.files import ENVIRONMENT, changed, write_config

MASK = "cobrowse: {mask: [.account-number, .mistyped], show: [.shown]}"


def tried(folder: Path, page: Path, *arguments: str, line: str = MASK, code: int = 0) -> str:
    file = write_config(folder, changed(("    greeting: welcome\n", f"    greeting: welcome\n    {line}\n")))
    result = CliRunner().invoke(
        app, ["cobrowse", "test", str(file), str(page), *arguments], env={**ENVIRONMENT, "COLUMNS": "200"}
    )
    assert result.exit_code == code, result.output
    return result.output


def test_what_agents_see_of_a_page(tmp_path: Path) -> None:
    told = tried(tmp_path, PAGES / "plain.html").splitlines()
    assert "seen         h1  Your account" in told
    assert "hidden       p.account-number" in told
    assert "hidden value input[name=name]" in told
    assert "hidden       input#card[autocomplete=cc-number]" in told
    assert "hidden       p  Paid with 4111 1111 1111 1111 last time." in told
    assert "mask: .mistyped matches nothing on this page" in told
    assert not any("SECRET-account" in line or "SECRET-script" in line for line in told)


def test_as_json(tmp_path: Path) -> None:
    lines = tried(tmp_path, PAGES / "plain.html", "--json").splitlines()
    assert {"sight": "seen", "element": "h1", "text": "Your account"} in [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("line", "arguments", "reason"),
    [
        ("talk_methods: [phone]", [], "no site has shared views"),
        ("talk_methods: [phone]", ["--site", "shop"], "the site shop has no shared views"),
        (MASK, ["--site", "other"], "there is no site other"),
    ],
)
def test_what_is_wrong_with_the_command_line(
    tmp_path: Path, line: str, arguments: list[str], reason: str
) -> None:
    assert reason in tried(tmp_path, PAGES / "plain.html", *arguments, line=line, code=2)


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in tried(tmp_path, tmp_path / "none.html", code=2)
