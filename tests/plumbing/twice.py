"""Run pytest, run what failed a second time and alone, and say which tests needed that.

``python -m tests.plumbing.twice --report FILE [pytest's arguments]``. Real phones ring in real time, and a
machine may be too busy for one of them once. But a test that fails now and then has a cause, so no second run
goes unseen: the report names each test that needed one, with its first failure, and more than
:data:`ALLOWED` of them fail the run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.plumbing import failures
from tests.plumbing.failures import Failure

#: A run passes with this many tests that needed a second run, and no more.
ALLOWED = 2
#: With more failures than this, something is broken, and a second run would only take time.
WORTH_A_SECOND_RUN = 10
#: pytest's exit code where tests ran and some of them failed.
_TESTS_FAILED = 1

#: Runs pytest with these arguments; its exit code and what failed.
Runner = Callable[[Sequence[str]], tuple[int, list[Failure]]]


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
    code, first = pytest(["--numprocesses", str(jobs), "--dist", "loadgroup", *arguments])
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


def start_pytest(arguments: Sequence[str]) -> tuple[int, list[Failure]]:
    """Run pytest in a process of its own; its exit code and what failed."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "failures"
        command = [sys.executable, "-m", "pytest", "-p", failures.__name__, f"--failures-to={kept}"]
        code = subprocess.run([*command, *arguments], check=False).returncode
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
