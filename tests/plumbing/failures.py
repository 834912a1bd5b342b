"""A pytest plugin that keeps each failure as a line of JSON.

``-p tests.plumbing.failures --failures-to FILE``
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Failure:
    """A test that failed, or a file of tests that could not be read, and what pytest says about it."""

    test: str
    why: str
    is_test: bool = True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--failures-to", type=Path, metavar="FILE", help="append each failure to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Listen to reports, but only in the process to which xdist's workers report."""
    file = config.getoption("--failures-to")
    if file is not None and not hasattr(config, "workerinput"):
        file.write_text("")
        config.pluginmanager.register(_Keeper(file))


class _Keeper:
    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._keep(Failure(_without_group(report.nodeid), report.longreprtext))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._keep(Failure(report.nodeid, report.longreprtext, is_test=False))

    def _keep(self, failure: Failure) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(failure)) + "\n")


def read(file: Path) -> list[Failure]:
    """The failures that a run kept, one a test: the first where setup or teardown failed too."""
    failures: dict[str, Failure] = {}
    for line in file.read_text().splitlines():
        failure = Failure(**json.loads(line))
        failures.setdefault(failure.test, failure)
    return list(failures.values())


def _without_group(test: str) -> str:
    """``tests/x.py::test_y`` of ``tests/x.py::test_y@group``, as xdist's ``loadgroup`` names it."""
    return test.rpartition("@")[0] if test.rfind("@") > test.rfind("]") else test
