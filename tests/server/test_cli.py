"""``ringback check``, ``reload``, ``log-level``, ``calls`` and ``cdr`` against the real API."""

from __future__ import annotations

import csv
import io
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from api.operator.state import ReloadReport
from server.cli import app
from tests.aio import asyncio_test
from tests.server.test_kept_cli import running
from tests.store.records import a_click, a_record

COMMANDS: Any = app.registered_commands


def test_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"ringback {version('ringback')}\n")


def test_help_tells_the_exit_codes() -> None:
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert "2 mistake in the config file or on the command line" in told


def test_commands_take_the_config_file_first() -> None:
    names = [str(command.name or command.callback.__name__).replace("_", "-") for command in COMMANDS]
    assert {"serve", "check", "cdr", "data-token"} <= set(names)
    for name in names:
        usage = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output.split("\n")[1]
        assert usage.split()[:4] == ["Usage:", "root", name, "[OPTIONS]"]
        assert "config" not in usage or usage.split()[4] == "{config}", usage


def test_check_in_json(tmp_path: Path) -> None:
    file = tmp_path / "ringback.yaml"
    file.write_text("server:\n  lisen: 127.0.0.1:8080\n")
    result = CliRunner().invoke(app, ["check", "--json", str(file)])
    assert result.exit_code == 2
    problems = [json.loads(line) for line in result.stdout.splitlines()]
    where = [(each["kind"], each["file"], each["line"], each["column"], each["path"]) for each in problems]
    assert ("error", str(file), 2, 3, "server.lisen") in where


@asyncio_test
async def test_reload_tells_warnings_and_what_wants_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        assert await ringback("reload") == "reloaded\n"
        server.world.reload_report = ReloadReport(
            ("ringback.yaml:3:1: sites: nobody", "b"), ("server.listen_address",)
        )
        assert (await ringback("reload")).splitlines() == [
            "warning: ringback.yaml:3:1: sites: nobody",
            "warning: b",
            "reloaded",
            "restart the server to apply: server.listen_address",
        ]
        assert json.loads(await ringback("reload", "--json"))["needs_restart"] == ["server.listen_address"]


@asyncio_test
async def test_the_log_level_changes_while_it_runs(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        assert await ringback("log-level", "debug") == "log level set to debug\n"
        assert server.world.log_levels == ["debug"]
        assert CliRunner().invoke(app, ["log-level", str(tmp_path / "ringback.yaml"), "loud"]).exit_code == 2


@asyncio_test
async def test_calls_of_one_number_and_times_by_iso_8601(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        for name, number in (("one", "+16175550100"), ("two", "+16175550101")):
            await server.store.open_call(name, a_click(number=number), "sales", 1_700_000_000.5)
            await server.store.write_cdr(a_record(name, number=number, requested_at=1_700_000_000.5))
        lines = (await ringback("cdr", "--json", "--number", "+1 (617) 555-0100")).splitlines()
        assert [json.loads(line)["call_id"] for line in lines] == ["one"]
        row, *others = csv.DictReader(io.StringIO(await ringback("cdr", "--csv", "--number", "+16175550101")))
        assert (row["requested_at"], others) == ("2023-11-14T22:13:20.500Z", [])
        file = str(tmp_path / "ringback.yaml")
        assert CliRunner().invoke(app, ["cdr", file, "--number", "617 555 0100"]).exit_code == 2


@asyncio_test
async def test_live_calls_in_json(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, ringback):
        assert await ringback("calls", "--json") == ""
        assert (await ringback("calls")).split()[:3] == ["Call", "Site", "State"]
