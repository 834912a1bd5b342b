"""The quick tests, for the developer's loop: those that only think. ``make quick`` runs them.

No list is kept by hand. A file of tests is quick unless it, or a helper in ``tests/`` that it imports,
imports something slow: what starts processes, phones, browsers or servers. So quick tests need neither root
nor a Debian package. ``tests/conftest.py`` holds them to it in every run: one that starts a process fails.

As a plugin (``-p tests.plumbing.quick``) it passes over all other files, and over hypothesis's many examples.
"""

from __future__ import annotations

import ast
import functools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
#: A module that imports one of these, or what is in it, is not quick.
SLOW = (
    *(
        "subprocess",
        "multiprocessing",
        "tests.children",
        "tests.plumbing.warm_programs",
        "demo.server_process",
    ),
    *("media.service", "media.supervisor", "media.processes", "media.phone_worker", "media.browser_worker"),
    "server.fitness",
    *("phones", "pjsua2", "aiortc"),
    *("playwright", "tests.plumbing.chromium"),
    *("uvicorn", "websockets", "httpx"),
)
#: Calls that start a process, whatever they are imported from.
_STARTS = {"create_subprocess_exec", "create_subprocess_shell", "fork", "posix_spawn", "spawnProcess"}


def is_quick(file: Path) -> bool:
    """Whether a file of tests only thinks."""
    return not slow_imports(file)


@functools.cache
def slow_imports(file: Path) -> frozenset[str]:
    """What makes a file of tests slow: what it, or another file of tests that it imports, imports of SLOW."""
    todo, seen, found = [file], set(), set()
    while todo:
        each = todo.pop()
        if each in seen:
            continue
        seen.add(each)
        for name in _imports(each):
            if any(name == slow or name.startswith(f"{slow}.") for slow in SLOW):
                found.add(name)
            elif name.startswith("tests.") and (helper := ROOT / f"{name.replace('.', '/')}.py").is_file():
                todo.append(helper)
    return frozenset(found)


@functools.cache
def _imports(file: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Attribute) and node.attr in _STARTS:
            found.add("subprocess")
    return frozenset(found)


def starts_nothing() -> Iterator[None]:
    """While the tests of a quick file run, starting a process is an error that says what to do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", _refuse)
        for name in ("fork", "posix_spawn", "posix_spawnp", "system"):
            patch.setattr(os, name, _refuse)
        yield


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError(
        "A quick test starts a process. Add the module that starts it to SLOW in tests/plumbing/quick.py"
    )


# --- as a plugin --------------------------------------------------------------------------------------------


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over what is not quick, without importing it."""
    is_test = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
    return True if is_test and not is_quick(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pass over property tests, whose many examples are for ``make test``, and those on PostgreSQL."""
    left_out = [item for item in items if _is_long(item)]
    items[:] = [item for item in items if not _is_long(item)]
    config.hook.pytest_deselected(items=left_out)


def _is_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("hypothesis", "postgresql"))
