"""What holds for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.plumbing import engine, order, quick

# How long an example takes says more of the machine, which others use too, than of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_HERE = Path(__file__).parent
#: The tests of how media workers start: by the program itself.
STARTS_ZYGOTES = _HERE / "media" / "test_service.py"
#: The tests of databases: each is made by its migrations.
MAKES_DATABASES = _HERE / "store"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep groups of tests in one process each; where there are several processes, say what begins first."""
    engine.leave_out(config, items)
    for item in items:
        if _HERE in item.path.parents and (group := order.group(item.path.relative_to(_HERE))):
            item.add_marker(pytest.mark.xdist_group(group))
    if hasattr(config, "workerinput"):
        items[:] = order.ordered(items, _HERE)


@pytest.fixture(autouse=True, scope="module")
def _quick_tests_start_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold the quick tests to what makes them quick, in every run."""
    yield from quick.starts_nothing() if quick.is_quick(request.path) else (None,)


@pytest.fixture(autouse=True, scope="module")
def _zygotes_are_warm(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fork the zygotes that a test's own process starts, but in the tests of their start."""
    if "media.processes" in sys.modules and request.path != STARTS_ZYGOTES:
        from media import processes

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(processes, "start_zygote", _start_zygote)
            yield
    else:
        yield


@pytest.fixture(autouse=True, scope="module")
def _databases_are_warm(request: pytest.FixtureRequest) -> Iterator[None]:
    """Copy the new databases of a test's own process, but in the tests of databases."""
    if "store.database" in sys.modules and MAKES_DATABASES not in request.path.parents:
        from store import database
        from tests.plumbing import warm_databases

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "upgrade", warm_databases.upgrade)
            yield
    else:
        yield


def _start_zygote(*about: Any) -> Any:
    from tests.plumbing import warm_programs

    return warm_programs.started().start_zygote(*about)
