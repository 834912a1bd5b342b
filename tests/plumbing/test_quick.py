"""Which tests are quick is read from what they import, and starting a process is refused to them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import conftest
from tests.plumbing import order, quick

TESTS = quick.ROOT / "tests"


def _quick() -> set[str]:
    return {str(file.relative_to(TESTS)) for file in TESTS.rglob("test_*.py") if quick.is_quick(file)}


def test_what_thinks_is_quick() -> None:
    assert {"bridge/test_call.py", "routing/test_decide.py", "config/test_include.py"} <= _quick()
    assert len(_quick()) > 100


def test_phones_browsers_and_servers_are_not() -> None:
    for folder in ("agent_page", "pbx", "scenarios"):
        slow = {file.name for file in (TESTS / folder).glob("test_*.py") if not quick.is_quick(file)}
        assert slow == {file.name for file in (TESTS / folder).glob("test_*.py")}
    assert "tests.plumbing.warm_programs" in str(quick.slow_imports(TESTS / "sip" / "test_calls.py"))


def test_a_helper_of_a_helper_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "deep.py").write_text("from phones.control import Phone\n")
    (tmp_path / "tests" / "helper.py").write_text("import tests.deep\n")
    test = tmp_path / "tests" / "test_it.py"
    test.write_text("from tests.helper import something\n")
    monkeypatch.setattr(quick, "ROOT", tmp_path)
    assert quick.slow_imports(test) == {"phones.control", "phones.control.Phone"}


@pytest.mark.parametrize(
    "start",
    [
        lambda: subprocess.run(["true"], check=False),
        lambda: os.system("true"),
        lambda: os.fork(),
    ],
)
def test_a_quick_test_starts_no_process(start: Callable[[], object]) -> None:
    guard = quick.starts_nothing()
    next(guard)
    try:
        with pytest.raises(AssertionError, match="A quick test starts a process"):
            start()
    finally:
        next(guard, None)
    assert subprocess.run(["true"], check=False).returncode == 0


def test_the_files_that_the_plumbing_names_are_there() -> None:
    assert conftest.STARTS_ZYGOTES.is_file()
    assert conftest.STARTS_PHONES.is_dir()
    assert conftest.MAKES_DATABASES.is_dir()
    folders = {*order.ONE_GROUP, *order.A_GROUP_A_FILE, *order.BUSY, *order.WAITS}
    assert [name for name in folders if not (TESTS / name).is_dir()] == []
    modules = [
        name for name in quick.SLOW if name.split(".")[0] in ("media", "server", "tests", "demo", "phones")
    ]
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
