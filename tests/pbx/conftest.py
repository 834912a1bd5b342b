"""The scenarios with a real Asterisk: skipped where it cannot be had, never in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pbx.install import CannotInstallError, install


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """There is one Asterisk: one process runs all its tests, where several run the others."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("pbx"))


@pytest.fixture(scope="session")
def installed() -> None:
    """Asterisk is there; the first time that takes a minute."""
    try:
        install()
    except CannotInstallError as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))


@pytest.fixture(autouse=True)
def _installed(installed: None) -> None:
    """Every test here wants it."""
