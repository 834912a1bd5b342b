"""A flaky test passes the second time, and is never passed over in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.plumbing import twice
from tests.plumbing.failures import Failure

ROOT = Path(__file__).parents[2]


HALF = ["-p", "tests.plumbing.halves", "--half"]


class Runs:
    """Stands for pytest: what each run finds, in turn, and what the quick tests find beside the first."""

    def __init__(self, *found: tuple[int, list[str]], quick: tuple[int, list[str]] = (0, [])) -> None:
        self._found = list(found)
        self._quick = quick
        self.asked: list[Sequence[str]] = []
        self.asked_beside: list[Sequence[str]] = []

    def __call__(self, arguments: Sequence[str], beside: bool = False) -> tuple[int, list[Failure]]:
        (self.asked_beside if beside else self.asked).append(arguments)
        code, names = self._quick if beside else self._found.pop(0)
        return code, [Failure(name, f"why {name} failed in run {len(self.asked)}") for name in names]


def test_nothing_that_passes_is_run_again() -> None:
    runs = Runs((0, []))
    code, outcome = twice.run(runs, ["tests/sip"], 3)
    assert (code, outcome) == (0, twice.Outcome((), ()))
    spread = ["--numprocesses", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]
    assert runs.asked == [[*HALF, "slow", *spread, "tests/sip"]]
    assert runs.asked_beside == [[*HALF, "quick", "--continue-on-collection-errors", "tests/sip"]]


def test_what_fails_among_the_quick_tests_is_run_again_with_the_others() -> None:
    runs = Runs((1, ["a"]), (0, []), quick=(1, ["b"]))
    code, outcome = twice.run(runs, [], 4)
    assert (code, runs.asked[1]) == (0, ["a", "b"])
    assert [each.test for each in outcome.needed] == ["a", "b"]


@pytest.mark.parametrize(
    ("slow", "quick", "both"),
    [(5, 0, 0), (0, 5, 0), (5, 5, 5), (0, 2, 2), (3, 0, 3), (1, 4, 4), (-9, 1, -9), (0, -9, -9), (5, -9, -9)],
)
def test_a_half_without_tests_is_no_failure_and_one_that_breaks_off_is(
    slow: int, quick: int, both: int
) -> None:
    assert twice.run(Runs((slow, []), quick=(quick, [])), [], 4)[0] == both


def test_up_to_the_limit_flaky_tests_pass_and_are_named() -> None:
    runs = Runs((1, ["a", "b"]), (0, []))
    code, outcome = twice.run(runs, [], 4)
    assert code == 0
    assert runs.asked[1] == ["a", "b"]
    assert outcome.report().splitlines()[0] == "## 2 tests needed a second run (at most 2 may)"
    assert "- `a` failed at first, and passed alone" in outcome.report()
    assert "why b failed in run 1" in outcome.report()


def test_one_flaky_test_more_than_the_limit_fails_the_run() -> None:
    code, outcome = twice.run(Runs((1, ["a", "b", "c"]), (0, [])), [], 4)
    assert code == 1
    assert len(outcome.needed) == 3
    assert outcome.failed == ()


def test_what_fails_twice_has_failed() -> None:
    code, outcome = twice.run(Runs((1, ["a", "b"]), (1, ["b"])), [], 4)
    assert code == 1
    assert [each.test for each in outcome.needed] == ["a"]
    assert [each.test for each in outcome.failed] == ["b"]
    assert "- `b` **failed**" in outcome.report()


@pytest.mark.parametrize("code", [-11, 2, 3, 4, 5])
def test_a_second_run_that_breaks_off_or_runs_nothing_proves_nothing(code: int) -> None:
    given, outcome = twice.run(Runs((1, ["a"]), (code, [])), [], 4)
    assert given == code
    assert [each.test for each in outcome.failed] == ["a"]


@pytest.mark.parametrize("code", [2, 3, 4, 5])
def test_a_first_run_that_breaks_off_is_not_saved_by_a_second(code: int) -> None:
    runs = Runs((code, ["a"]), quick=(5, []))
    assert twice.run(runs, [], 4)[0] == code
    assert len(runs.asked) == 1


def test_tests_that_were_not_collected_are_not_saved_by_a_second_run() -> None:
    asked = 0

    def pytest(_: Sequence[str], beside: bool = False) -> tuple[int, list[Failure]]:
        nonlocal asked
        if beside:
            return 0, []
        asked += 1
        return 1, [Failure("a", "flaky"), Failure("tests/b.py", "no module", is_test=False)]

    assert twice.run(pytest, [], 4)[0] == 1
    assert asked == 1


def test_what_is_broken_all_over_is_not_run_again() -> None:
    runs = Runs((1, [str(number) for number in range(11)]))
    code, outcome = twice.run(runs, [], 4)
    assert code == 1
    assert len(runs.asked) == 1
    assert len(outcome.failed) == 11


_FLAKY = """
import pathlib
import pytest

HERE = pathlib.Path(__file__).parent

@pytest.mark.xdist_group("a group")
@pytest.mark.parametrize("name", ["sip:a@b"])
def test_flaky(name):
    seen = HERE / "seen"
    first = not seen.exists()
    seen.touch()
    assert not first, "this happens once"

def test_steady():
    with (HERE / "runs").open("a") as runs:
        runs.write("x")
"""


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", twice.__name__, "--jobs", "1", "--report", "var/second.md"]
    there = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "-p xdist",
    }
    return subprocess.run(
        command, cwd=folder, env=there, text=True, capture_output=True, timeout=60, check=False
    )


def test_a_real_flaky_test_in_a_group_is_run_again_alone_and_reported(tmp_path: Path) -> None:
    (tmp_path / "test_flaky.py").write_text(_FLAKY)
    done = _run(tmp_path)
    assert done.returncode == 0, done.stdout
    report = (tmp_path / "var" / "second.md").read_text()
    assert report.startswith("## 1 test needed a second run (at most 2 may)\n")
    assert "- `test_flaky.py::test_flaky[sip:a@b]` failed at first" in report
    assert "this happens once" in report
    assert report in done.stdout
    assert (tmp_path / "runs").read_text() == "x"


def test_each_half_runs_its_own_tests_once(tmp_path: Path) -> None:
    for name, first in (("quick", ""), ("slow", "import subprocess\n")):
        (tmp_path / f"test_{name}.py").write_text(f"{first}def test_{name}(): open('{name}', 'x')\n")
    done = _run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("1 passed") == 2
    assert (tmp_path / "quick").exists()
    assert (tmp_path / "slow").exists()


def test_a_file_that_cannot_be_read_fails_the_run_beside_a_flaky_test(tmp_path: Path) -> None:
    (tmp_path / "test_flaky.py").write_text(_FLAKY)
    (tmp_path / "test_unreadable.py").write_text("import nothing_of_this_name\n")
    done = _run(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "Once more" not in done.stdout
    assert "- `test_unreadable.py` **failed**" in (tmp_path / "var" / "second.md").read_text()
