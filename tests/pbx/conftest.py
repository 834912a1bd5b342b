"""The scenarios with a real Asterisk: skipped where it cannot be had, never in CI."""

from __future__ import annotations

import os

import pytest

from tests.plumbing.debian_sid import CannotInstallError, install


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
