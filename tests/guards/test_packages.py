"""A new package is known to every tool, and to the reader of docs/architecture.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
#: Every package of the repository; of those that are not installed, the tests and the bench.
PACKAGES = {file.parent.name for file in ROOT.glob("*/__init__.py")}
INSTALLED = PACKAGES - {"tests", "bench"}
#: Holds the built pages; beside its one module there are node_modules.
PAGES = {"web"}
TOOLS = PROJECT["tool"]


def _sources() -> set[str]:
    found = re.search(r"(?m)^SOURCES := (.*)$", (ROOT / "Makefile").read_text())
    assert found
    return set(found.group(1).split())


@pytest.mark.parametrize(
    ("what", "listed", "wanted"),
    [
        ("SOURCES of the Makefile", _sources(), PACKAGES),
        ("mypy", {*TOOLS["mypy"]["packages"], *TOOLS["mypy"]["modules"]}, PACKAGES - {"tests"}),
        ("isort", set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]), PACKAGES),
        ("import-linter", set(TOOLS["importlinter"]["root_packages"]), INSTALLED - PAGES),
        (
            "the wheel",
            {
                name.rstrip("*")
                for name in TOOLS["setuptools"]["packages"]["find"]["include"]
                if "." not in name
            },
            INSTALLED,
        ),
    ],
)
def test_every_package_is_listed(what: str, listed: set[str], wanted: set[str]) -> None:
    assert listed == wanted, what


def test_every_package_is_in_the_table_of_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    assert set(re.findall(r"(?m)^\| `(\w+)/` \|", text)) >= PACKAGES


def test_the_layers_name_every_package_but_the_phones() -> None:
    (layers,) = [
        each
        for each in TOOLS["importlinter"]["contracts"]
        if each["type"] == "layers" and "containers" not in each
    ]
    named = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert named >= INSTALLED - PAGES - {"phones"}


def test_ci_installs_the_packages_that_the_tests_ask_for() -> None:
    def packages(text: str) -> set[str]:
        return set(re.findall(r"[a-z][a-z0-9-]+:[a-z][a-z0-9-]+", text))

    makefile = (ROOT / "Makefile").read_text()
    wanted = packages(
        "\n".join(line for line in makefile.splitlines() if "sip-tester" in line or "SPEECH :=" in line)
    )
    assert wanted <= packages((ROOT / ".ci" / "run").read_text())
