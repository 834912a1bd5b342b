"""Log lines: their level, which may change while loggers are in use, and those of workers beside them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bridge.repeats import MOST_OF_KIND, MOST_OF_ONE
from server.logs import set_log_level, set_up_logs, tell_of_repeats
from sip import journal


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for name in ("uvicorn", "uvicorn.error"):  # a demo in the same process may have set them up for itself
        library = logging.getLogger(name)
        library.handlers[:], library.propagate, library.level = [], True, logging.NOTSET
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)
    journal.set_level("info")


def events(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]


def test_the_level_changes_while_a_logger_is_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "warning")
    log = structlog.get_logger("a")
    library = logging.getLogger("a.library")
    for level, told in (
        ("warning", ["warning", "of_library"]),
        ("debug", ["debug", "info", "warning", "detail", "of_library"]),
        ("info", ["info", "warning", "of_library"]),
        ("error", []),
    ):
        set_log_level(level)  # type: ignore[arg-type]
        log.debug("debug")
        log.info("info")
        log.warning("warning")
        library.debug("detail")
        library.warning("of_library")
        assert events(capsys) == told, level


def test_a_worker_says_when_and_how_grave(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    structlog.get_logger("a").warning("of_the_core", number="+16175550100")
    journal.note("of_a_worker", number="+16175550100")
    core, worker = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert worker["level"] == core["level"] == "warning"
    assert len(worker["timestamp"]) == len(core["timestamp"])
    assert worker["timestamp"][:13] == core["timestamp"][:13]
    assert "5550100" not in worker["number"] + core["number"]


def test_a_worker_keeps_to_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    journal.set_level("warning")
    journal.note("connected", level="info")
    journal.note("failed", level="error")
    assert events(capsys) == ["failed"]


def test_lines_that_repeat_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    log = structlog.get_logger("a")
    for n in range(1000):
        log.info("page_not_understood", owner="call-1", kinds=[str(n)])
    log.info("page_not_understood", owner="call-2")
    log.info("something_else")
    for n in range(1000):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received: %s", n)
    tell_of_repeats()
    told = events(capsys)
    assert told.count("page_not_understood") == MOST_OF_ONE + 1
    assert "something_else" in told
    assert sum(line.startswith("Invalid HTTP") for line in told) == MOST_OF_ONE
    assert "lines_held_back" not in told
    tell_of_repeats(everything=True)
    summaries = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each["event"], each["line"], each["lines"], each["level"]) for each in summaries] == [
        ("lines_held_back", "page_not_understood", 1000 - MOST_OF_ONE, "info"),
        (
            "lines_held_back",
            "uvicorn.error: Invalid HTTP request received: %s",
            1000 - MOST_OF_ONE,
            "warning",
        ),
    ]
    assert summaries[0]["about"] == "call-1"


def test_lines_about_ever_new_things_are_counted_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    log = structlog.get_logger("a")
    for n in range(5000):
        log.warning("login_failed", agent=f"nobody-{n}")
        log.info("call_state", call_id=f"call-{n}")
    told = events(capsys)
    assert told.count("login_failed") == MOST_OF_KIND
    assert told.count("call_state") == 5000


def test_a_worker_counts_what_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(1000):
        journal.note("surprised", leg_id="x-s1")
    assert events(capsys).count("surprised") == MOST_OF_ONE


def test_the_audit_trail_is_written_at_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "error")
    structlog.get_logger("a").info("agent_logged_in", log="audit", agent="alice")
    structlog.get_logger("a").info("something_else")
    assert events(capsys) == ["agent_logged_in"]
