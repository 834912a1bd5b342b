"""What holds for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.plumbing import databases, engine, order, postgresql, quick

# How long an example takes says more of the machine, which others use too, than of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_HERE = Path(__file__).parent
#: The tests of how media workers start: by the program itself.
STARTS_ZYGOTES = _HERE / "media" / "test_service.py"
#: The tests of phones, and of databases, each of which is made by its migrations.
STARTS_PHONES, MAKES_DATABASES = _HERE / "phones", _HERE / "store"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep groups of tests in one process each; where there are several processes, say what begins first."""
    engine.leave_out(config, items)
    for item in items:
        if _HERE in item.path.parents and (group := order.group(item.path.relative_to(_HERE))):
            item.add_marker(pytest.mark.xdist_group(group))
    if hasattr(config, "workerinput"):
        items[:] = order.ordered(items, _HERE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have the tests of the store run on both databases."""
    databases.parametrize(metafunc)


@pytest.fixture(autouse=True)
def _on_its_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have a test of the store open the kind of database that it is to run on."""
    with databases.on(request.node):
        yield


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what a quick test may not."""
    if not session.config.option.collectonly:
        databases.start(session.items)


def pytest_unconfigure() -> None:
    """Stop it."""
    postgresql.leave()


@pytest.fixture(autouse=True, scope="module")
def _quick_tests_start_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold the quick tests to what makes them quick, in every run."""
    yield from quick.starts_nothing() if quick.is_quick(request.path) else (None,)


@pytest.fixture(autouse=True, scope="module")
def _starts_are_warm(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fork the zygotes and phones that a test's own process starts, and copy its new databases.

    Not in the tests of those starts themselves.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name, warm, tested in WARM:
            if module in sys.modules and tested not in (request.path, *request.path.parents):
                patch.setattr(f"{module}.{name}", warm)
        yield


def _start_zygote(*about: Any) -> Any:
    from tests.plumbing import warm_programs

    return warm_programs.started().start_zygote(*about)


def _start_phone(options: Any) -> Any:
    from tests.plumbing import warm_programs

    return warm_programs.start_phone(options)


def _upgrade(*about: Any) -> None:
    from tests.plumbing import warm_databases

    warm_databases.upgrade(*about)


#: What has a warm start: the module and function, what stands for it, and the tests of the real one.
WARM = (
    ("media.processes", "start_zygote", _start_zygote, STARTS_ZYGOTES),
    ("phones.control", "start_process", _start_phone, STARTS_PHONES),
    ("store.database", "upgrade", _upgrade, MAKES_DATABASES),
)
