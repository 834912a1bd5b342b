"""Run pytest, run what failed a second time and alone, and say which tests needed that.

``python -m tests.plumbing.twice --report FILE [pytest's arguments]``. Real phones ring in real time, and a
machine may be too busy for one of them once. But a test that fails now and then has a cause, so no second run
goes unseen: the report names each test that needed one, with its first failure, and more than
:data:`ALLOWED` of them fail the run.

The quick tests (tests/plumbing/quick.py) run beside the others, in one process that leaves the cores to them
where both want one: so it works while phones ring.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.plumbing import failures, halves
from tests.plumbing.failures import Failure

#: A run passes with this many tests that needed a second run, and no more.
ALLOWED = 2
#: With more failures than this, something is broken, and a second run would only take time.
WORTH_A_SECOND_RUN = 10
#: pytest's exit codes where tests ran and some of them failed, and where there were none.
_TESTS_FAILED, _NO_TESTS = 1, 5
#: How much the quick tests leave to the others; with more they would be left over, on one core of two.
_NICE = 2

#: pytest's exit code, and what failed.
Found = tuple[int, list[Failure]]


class Runner(Protocol):
    """Runs pytest."""

    def __call__(self, arguments: Sequence[str], beside: bool = False) -> Found:
        """Run it so. ``beside`` another run it is in nobody's way, and silent till its end."""


@dataclass(frozen=True)
class Outcome:
    """What two runs found."""

    #: Failed at first, passed alone.
    needed: tuple[Failure, ...]
    #: Failed both times, or once where no second run was worth its time.
    failed: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether the tests count as passed."""
        return not self.failed and len(self.needed) <= ALLOWED

    def report(self) -> str:
        """The outcome in Markdown."""
        count = len(self.needed)
        lines = [
            f"## {count} {'test' if count == 1 else 'tests'} needed a second run (at most {ALLOWED} may)",
            "",
        ]
        lines += [f"- `{each.test}` failed at first, and passed alone" for each in self.needed]
        lines += [f"- `{each.test}` **failed**" for each in self.failed]
        for each in self.needed:
            lines += ["", f"### The first failure of `{each.test}`", "", "```text", each.why, "```"]
        return "\n".join(lines).rstrip() + "\n"


def run(pytest: Runner, arguments: Sequence[str], jobs: int) -> tuple[int, Outcome]:
    """Run the tests, and those that failed once more; pytest's exit code and the outcome."""
    code, first = _both_halves(pytest, arguments, jobs)
    names = [each.test for each in first]
    all_ran = code == _TESTS_FAILED and bool(first) and all(each.is_test for each in first)
    if not all_ran or len(first) > WORTH_A_SECOND_RUN:
        return code, Outcome((), tuple(first))
    print(f"\nOnce more, and alone, what failed: {', '.join(names)}", flush=True)
    code, second = pytest(names)
    still = {each.test for each in second} if code in (0, _TESTS_FAILED) else set(names)
    outcome = Outcome(
        tuple(each for each in first if each.test not in still),
        tuple(each for each in first if each.test in still),
    )
    return (0 if outcome.passed else code or _TESTS_FAILED), outcome


def _both_halves(pytest: Runner, arguments: Sequence[str], jobs: int) -> Found:
    """The quick tests and the others, side by side."""
    half = ["-p", halves.__name__, "--half"]
    # tests/plumbing/order.py has put the tests in order already.
    spread = ["--numprocesses", str(jobs), "--dist", "loadgroup", "--no-loadscope-reorder"]
    # As xdist does: a file that cannot be read keeps no other test from running.
    go_on = "--continue-on-collection-errors"
    with ThreadPoolExecutor(1) as beside:
        quick = beside.submit(pytest, [*half, halves.QUICK, go_on, *arguments], beside=True)
        code, slow_failed = pytest([*half, halves.SLOW, *spread, *arguments])
        quick_code, quick_failed = quick.result()
    return _worst(code, quick_code), [*slow_failed, *quick_failed]


def _worst(*codes: int) -> int:
    """The exit code of both halves; one of them may have no tests."""
    told = [code for code in codes if code != _NO_TESTS] or [_NO_TESTS]
    return next((code for code in told if code not in (0, _TESTS_FAILED)), max(told))


def start_pytest(arguments: Sequence[str], beside: bool = False) -> Found:
    """Run pytest in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "failures"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            failures.__name__,
            f"--failures-to={kept}",
            *arguments,
        ]
        if beside:
            command = ["nice", "-n", str(_NICE), *command]
            done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            os.write(sys.stdout.fileno(), b"\n" + done.stdout)
            code = done.returncode
        else:
            code = subprocess.run(command, check=False).returncode
        return code, failures.read(kept) if kept.exists() else []


def main() -> int:
    """Run, print and keep the report; the exit code."""
    parser = argparse.ArgumentParser(description="Run the tests, and what failed a second time.")
    parser.add_argument("--jobs", type=int, default=4, help="how many tests run at once")
    parser.add_argument("--report", type=Path, required=True, help="where to write what needed a second run")
    known, arguments = parser.parse_known_args()
    known.report.parent.mkdir(parents=True, exist_ok=True)
    known.report.unlink(missing_ok=True)
    code, outcome = run(start_pytest, arguments, known.jobs)
    known.report.write_text(outcome.report())
    print(f"\n{outcome.report()}\nKept in {known.report}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
