"""``ringback person`` against the real API over HTTP."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.aio import asyncio_test
from tests.server.test_kept_cli import Commands, running
from tests.store.records import NUMBER


@asyncio_test
async def test_export_and_erase(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, commands):
        out = tmp_path / "person.zip"
        assert "saved" in await person(commands, "export", "--number", NUMBER, "--out", str(out))
        assert out.stat().st_mode & 0o077 == 0
        found = json.loads(zipfile.ZipFile(out).read("person.json"))
        assert len(found["messages"]) == len(found["callbacks"]) == 1
        told = await person(commands, "erase", "--number", NUMBER, "--yes")
        assert "1 message, 1 callback" in told
        assert NUMBER not in told
        assert (await person(commands, "erase", "--id", "nobody", "--yes", "--json")).startswith('{"calls":0')
        assert list((tmp_path / "recordings").iterdir()) == []


async def person(commands: Commands, verb: str, *options: str) -> str:
    return await commands(f"person {verb}", *options)
