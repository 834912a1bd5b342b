"""The operator at the terminal: the commands that talk to a running server."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from phones import wire
from tests.aio import asyncio_test
from tests.scenarios.world import RINGS, world


async def ringback(*words: str | Path) -> tuple[int, str, str]:
    """Run a command; its exit code, standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("ringback"),
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200"},
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


@asyncio_test(timeout=60)
async def test_live_calls_records_and_reload(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        boston = await here.business("boston", RINGS)
        await here.serve()
        config = here.server.config
        call = await here.click()
        await boston.expect(wire.Ringing)
        code, table, _ = await ringback("calls", config, "--once")
        assert code == 0
        assert call.id[:8] in table
        assert "hunting" in table
        await call.cancel()
        await call.over()

        code, table, _ = await ringback("cdr", config)
        assert code == 0
        assert "cancelled" in table
        assert "•" in table, "numbers are masked unless asked for"
        _, lines, _ = await ringback("cdr", config, "--json", "--disposition", "cancelled")
        (record,) = map(json.loads, lines.splitlines())
        assert (record["call_id"], len(record["legs"])) == (call.id, 2)
        assert (await ringback("cdr", config, "--json", "--disposition", "bridged"))[1] == ""
        _, sheet, _ = await ringback("cdr", config, "--csv")
        (row,) = csv.DictReader(io.StringIO(sheet))
        assert row["number"].startswith("+")

        code, checked, _ = await ringback("check", config)
        assert code == 0
        doubts = [line for line in checked.splitlines() if line.startswith("warning: ")]
        code, told, _ = await ringback("reload", config)
        assert (code, told.splitlines()) == (0, [*doubts, "reloaded"])


@asyncio_test(timeout=60)
async def test_sip_of_a_call_is_traced_as_it_passes(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        await here.serve()
        seen: list[dict[str, Any]] = []
        async with here.server.following("/v1/trace", seconds="60") as lines:
            await anext(lines)  # it has begun
            call = await here.click()
            await call.reaches("bridged")
            await call.cancel()
            await call.over()
            async for line in lines:
                seen += [json.loads(line)] if line else []
                ended = [each for each in seen if not each["sent"] and " BYE\r\n" in each["text"]]
                if len(ended) == 2:
                    break
        assert not any(call.number in each["text"] for each in seen)
        assert {each["call_id"] for each in seen} >= {call.id}
        legs = {each["leg_id"] for each in seen if each["call_id"] == call.id}
        assert len(legs) == 2
        for leg in legs:
            sent = [each["text"].split()[0] for each in seen if each["leg_id"] == leg and each["sent"]]
            came = [each["text"].split()[1] for each in seen if each["leg_id"] == leg and not each["sent"]]
            assert {"INVITE", "ACK", "BYE"} <= set(sent), sent
            assert "200" in came, came


@asyncio_test(timeout=60)
async def test_a_server_that_is_not_there_and_a_bad_file(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        await here.serve()
        await here.server.stop()
        file = here.server.config
        code, _, errors = await ringback("calls", file, "--once")
        assert code == 1
        assert "no server answers" in errors
        assert "Traceback" not in errors
        file.write_text(json.dumps({**json.loads(file.read_text()), "sights": {}}))
        code, problems, _ = await ringback("check", file)
        assert code == 2
        assert f"{file}:" in problems
        assert "sites" in problems
        code, _, errors = await ringback("serve", file)
        assert code == 2
        assert "sites" in errors
