"""One half of the tests: the quick ones, which only think, or the others (tests/plumbing/quick.py).

``-p tests.plumbing.halves --half=quick``, or ``--half=slow``. Neither reads the files of the other.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plumbing.quick import is_quick

QUICK, SLOW = "quick", "slow"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--half", choices=(QUICK, SLOW), required=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over the files of the other half, without importing them."""
    is_test = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
    return True if is_test and _half(collection_path) != config.getoption("--half") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pass over tests of the other half whose file is named: pytest reads it all the same."""
    half = config.getoption("--half")
    left_out = [item for item in items if _half(item.path) != half]
    items[:] = [item for item in items if _half(item.path) == half]
    config.hook.pytest_deselected(items=left_out)


def _half(file: Path) -> str:
    try:
        return QUICK if is_quick(file) else SLOW
    except SyntaxError:  # pytest says where
        return SLOW
