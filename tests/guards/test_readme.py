"""README.md, the newcomer's door, leads to everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from server.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]


def test_every_command_is_in_its_table() -> None:
    table = README.split("| command | what it does |")[1].split("\n\n")[0]
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"(?m)^\| `ringback ([\w-]+)", table)) == commands


@pytest.mark.parametrize(("folder", "ending"), [("docs", "md"), ("config/examples", "yaml")])
def test_every_page_and_every_example_is_linked(folder: str, ending: str) -> None:
    files = {
        f"{folder}/{file.name}" for file in (ROOT / folder).glob(f"*.{ending}") if "tests." not in file.name
    }
    assert files - set(re.findall(r"\]\(([^)#]+)", README)) == set()


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name)
def test_no_link_leads_nowhere(page: Path) -> None:
    headings = {}
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            if file not in headings:
                headings[file] = _anchors(file.read_text())
            assert anchor in headings[file], target


def _anchors(text: str) -> set[str]:
    """As GitHub names them."""
    titles = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
