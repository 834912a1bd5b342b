"""One half of the tests: the quick ones, which only think, or the others (tests/plumbing/quick.py).

``-p tests.plumbing.halves --half=quick``, or ``--half=slow``. Neither reads the files of the other, but for
those whose tests run on both databases: a quick test on PostgreSQL is slow.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plumbing.databases import POSTGRESQL, on_both
from tests.plumbing.quick import is_quick

QUICK, SLOW = "quick", "slow"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--half", choices=(QUICK, SLOW), required=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over the files of the other half, without importing them."""
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    half = config.getoption("--half")
    wanted = half == _half(collection_path) or (half == SLOW and on_both(collection_path))
    return None if wanted else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pass over tests of the other half whose file is named: pytest reads it all the same."""
    half = config.getoption("--half")
    left_out = [item for item in items if _half_of(item) != half]
    items[:] = [item for item in items if _half_of(item) == half]
    config.hook.pytest_deselected(items=left_out)


def _half_of(item: pytest.Item) -> str:
    return SLOW if item.get_closest_marker(POSTGRESQL) else _half(item.path)


def _half(file: Path) -> str:
    try:
        return QUICK if is_quick(file) else SLOW
    except SyntaxError:  # pytest says where
        return SLOW
