"""What a machine cannot do is told by ``check``, ``/readyz``, the metrics and the log."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from media.probes import Usable
from routing.load import check
from server.cli import app
from server.fitness import Fitness, check_host
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import admin, settings
from tests.config.files import ENVIRONMENT, GOOD, write_wav


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    write_wav(folder / "welcome.wav")
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "ringback.yaml"
    file.write_text(text)
    return file


def warnings(file: Path) -> list[str]:
    report = check(file, ENVIRONMENT, [check_host])
    assert report.ok, report.problems
    return [warning.line(file).removeprefix(f"{file}:") for warning in report.warnings]


def test_check_tells_what_calls_may_need_and_cannot_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(
        tmp_path,
        ("  trusted", "  recordings: /proc/recordings\n  trusted"),
        ("    label: Shop\n", "    label: Shop\n    voice: qq-xx\n"),
    )
    told = warnings(file)
    assert any(
        each.startswith("2:15: server.recordings: no message can be recorded: cannot write 1.9 MB in /proc: ")
        and each.endswith("; shoppers are called back, or told so, instead")
        for each in told
    )
    assert (
        "13:12: sites.shop.voice: espeak-ng has no voice qq-xx: another of its language, or English, speaks"
    ) in told
    monkeypatch.setenv("PATH", str(tmp_path))
    assert any(
        "sites: no text can be spoken: espeak-ng is not installed; shipped recordings" in each
        for each in warnings(file)
    )


def test_the_command_warns_and_makes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, ("  trusted", "  recordings: not/yet\n  trusted"))
    (tmp_path / "not").mkdir()
    result = CliRunner().invoke(app, ["check", str(file)], env=ENVIRONMENT)
    assert result.exit_code == 0, result.output
    assert "recorded" not in result.output
    assert not (tmp_path / "not" / "yet").exists()


@asyncio_test
async def test_it_looks_again_and_tells_once(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    config = settings({"recordings": str(folder), "database": str(tmp_path / "db.sqlite3")})
    fitness = Fitness(lambda: config, "no-such-program")
    registry = CollectorRegistry()
    registry.register(fitness)

    async def until(recordings: bool) -> None:
        fitness.look_again()
        async with asyncio.timeout(10):
            while fitness.usable().can_record is not recordings:  # noqa: ASYNC110 - a thread looks
                await asyncio.sleep(0.01)

    with capture_logs() as log:
        await fitness.start()
        try:
            assert fitness.usable().can_record
            assert _metrics(registry) == {"recordings": 1, "speech": 0, "database": 1}
            folder.rmdir()
            folder.touch()
            await until(False)
            assert _metrics(registry)["recordings"] == 0
            fitness.look_again()
            folder.unlink()
            await until(True)
        finally:
            await fitness.stop()
    assert [each["event"] for each in log] == ["speech_unusable", "recordings_unusable", "recordings_usable"]


def _metrics(registry: CollectorRegistry) -> dict[str, Any]:
    lines = generate_latest(registry).decode().splitlines()
    found = [line.split() for line in lines if line.startswith("ringback_usable{")]
    return {name.split('"')[1]: float(value) for name, value in found}


@asyncio_test
async def test_readyz_tells_and_a_full_disk_is_not_ready(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        told = (await server.http.get("/readyz", headers=admin())).json()
        assert told["ready"]
        assert told["recordings"] == told["speech"] == {"usable": True, "problem": ""}
        server.world.usable = Usable(recordings="cannot write", speech="no espeak-ng")
        answer = await server.http.get("/readyz", headers=admin())
        assert answer.status_code == 200  # calls take another ending, other words
        assert answer.json()["recordings"] == {"usable": False, "problem": "cannot write"}
        assert answer.json()["speech"] == {"usable": False, "problem": "no espeak-ng"}
        server.world.usable = Usable(database="cannot write")
        answer = await server.http.get("/readyz", headers=admin())
        assert answer.status_code == 503
        assert not answer.json()["store"]["writable"]
