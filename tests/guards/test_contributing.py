"""CONTRIBUTING.md names places that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()


def test_every_file_and_folder_that_it_names_is_there() -> None:
    named = re.findall(r"`([\w.-]+/[\w./-]*)`", GUIDE)
    assert len(named) > 30
    made = {"config/sections/NAME.py", "var/second-runs.md"}
    assert [name for name in named if name not in made and not (ROOT / name).exists()] == []


def test_every_make_target_that_it_names_is_one() -> None:
    targets = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text()))
    assert set(re.findall(r"make ([\w-]+)", GUIDE)) <= targets


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("server/tables.py", "_STYLES"),
        ("sip/causes.py", "CAUSE_OF_STATUS"),
        ("bridge/dispositions.py", "FAULTS"),
        ("routing/explain.py", "_HOW"),
        ("routing/strategies.py", "assert_never"),
        ("api/agents/calls.py", "DESK_ACTIONS"),
        ("tests/api/test_subprotocol.py", "SAID"),
        ("bridge/facts.py", "class Fact"),
        ("bridge/losses.py", "HUNG_UP"),
        ("bridge/ring_order.py", "ACTION_OF"),
        ("tests/api/test_openapi.py", "OPERATIONS"),
    ],
)
def test_what_the_recipes_speak_of_is_where_they_say(file: str, name: str) -> None:
    assert name in (ROOT / file).read_text()


@pytest.mark.parametrize("file", ["ISSUE_TEMPLATE/bug.yml", "ISSUE_TEMPLATE/feature.yml", "workflows/ci.yml"])
def test_the_forms_and_the_workflow_can_be_read(file: str) -> None:
    form = YAML(typ="safe").load(ROOT / ".github" / file)
    assert form["name"]


def test_the_workflow_runs_what_everybody_runs_and_shows_what_needed_a_second_run() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "run: bash .ci/run\n" in text
    (report,) = re.findall(r"SECOND_RUNS := (\S+)", (ROOT / "Makefile").read_text())
    assert f'cat {report} >> "$GITHUB_STEP_SUMMARY"' in text


def test_every_hook_before_a_commit_runs_a_program_of_ours() -> None:
    hooks = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    assert {hook["entry"].split()[0] for hook in hooks} == {
        ".venv/bin/ruff", ".venv/bin/lint-imports", "npm"
    }  # fmt: skip
