"""``ringback messages``, ``callbacks`` and ``deliveries`` against the real API over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.sessions import Origin
from config.models import Config
from notify.tries import TryFailed
from server.cli import app
from server.operator import OperatorError
from tests.aio import asyncio_test
from tests.api.serving import Server, listening, serving
from tests.api.shop import ADMIN, settings
from tests.api.test_browser_legs import agents_answer
from tests.store.records import a_callback, a_click, a_delivery, a_message, a_record

WAV = b"RIFF" + bytes(3000)


class Commands:
    """The program, run on a config file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __call__(self, command: str, *options: str) -> str:
        """What a command prints; its OperatorError if it fails."""
        arguments = [*command.split(), str(self._file), *options]
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments, env={"COLUMNS": "250"})
        if result.exception:
            raise result.exception
        # The server runs in this process, and so its audit trail comes the same way.
        return "".join(line for line in result.output.splitlines(keepends=True) if "log=audit" not in line)


@asynccontextmanager
async def running(tmp_path: Path) -> AsyncIterator[tuple[Server, Commands]]:
    """A server with one message, its mail given up, and one callback."""
    (tmp_path / "recordings").mkdir()
    audio = tmp_path / "recordings" / "one.wav"
    audio.write_bytes(WAV)
    config = settings({"recordings": str(tmp_path / "recordings")})
    async with serving(tmp_path, config) as server:
        dead = a_delivery("msg_a", next_at=None, tries=9, error="550 [bold]\x1b]0;hi\x07 +16175550100")
        await server.messages.keep_message(a_message(path=str(audio), page="/[red]cart"), "m1", [dead])
        await server.callbacks.add_callback(a_callback("c1", tries=2))
        key = tmp_path / "admin.key"
        key.touch(0o600)
        key.write_text(ADMIN)
        file = tmp_path / "ringback.yaml"
        async with listening(server) as port:
            file.write_text(f"server:\n  listen_address: 127.0.0.1:{port}\n  admin_key_file: admin.key\n")
            yield server, Commands(file)


async def refusal(commands: Commands, *arguments: str) -> str:
    try:
        await commands(*arguments)
    except OperatorError as error:
        return str(error)
    raise AssertionError("it was not refused")


@asyncio_test
async def test_a_customer_has_commands_of_their_own(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, _):
        await server.messages.keep_message(a_message("two", site="other"), "m2", [])
        plain = settings({"recordings": str(tmp_path / "recordings")}).model_dump(
            mode="json", exclude_unset=True
        )
        plain["server"]["admin_key"] = ADMIN
        plain["customers"] = {"acme": {"admin_key": "a-key-of-acme-alone"}}
        plain["sites"]["other"]["customer"] = "acme"
        server.world.config = Config.model_validate(plain, strict=False)
        whole = (tmp_path / "ringback.yaml").read_text()
        key = tmp_path / "acme.key"
        key.touch(0o600)
        key.write_text("a-key-of-acme-alone")
        file = tmp_path / "acme.yaml"
        file.write_text(whole.replace("admin.key", "acme.key"))
        acme = Commands(file)
        assert [json.loads(line)["id"] for line in (await acme("messages", "--json")).splitlines()] == ["m2"]
        assert "Message not found" in await refusal(acme, "messages", "--delete", "m1")
        assert "Use server.admin_key" in await refusal(acme, "reload")


@asyncio_test
async def test_messages_are_listed_saved_and_deleted(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        for number in range(3):
            await server.messages.keep_message(a_message(mailbox="help", at=1.0), f"older{number}", [])
        table = await ringback("messages")
        assert table.index("\nm1 ") < table.index("older2")
        assert "+1617•••••00" in table
        assert "+16175550100" not in table
        assert "12 s" in table
        assert "/[red]cart" in table
        assert "+16175550100" in await ringback("messages", "--full-numbers")
        assert "older" not in await ringback("messages", "--mailbox", "sales", "--site", "boston")
        lines = (await ringback("messages", "--json", "--limit", "3")).splitlines()
        assert [json.loads(line)["id"] for line in lines] == ["m1", "older2", "older1"]

        saved = tmp_path / "saved.wav"
        assert await ringback("messages", "--save", "m1", str(saved)) == f"saved {saved}\n"
        assert saved.read_bytes() == WAV
        assert "Not a directory" in await refusal(ringback, "messages", "--save", "m1", str(saved / "x"))
        assert await ringback("messages", "--delete", "m1") == "deleted\n"
        assert await server.messages.message("m1") is None
        assert "Message not found" in await refusal(ringback, "messages", "--delete", "m1")
        assert "Not found" in await refusal(ringback, "messages", "--delete", "../cdrs")


@asyncio_test
async def test_long_lists_come_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.operator.MAX_PAGE", 2)
    async with running(tmp_path) as (server, ringback):
        for number in range(5):
            await server.messages.keep_message(a_message(at=1.0), f"older{number}", [])
            await server.store.open_call(f"c{number}", a_click(), "sales", 100.0 + number)
            await server.store.write_cdr(a_record(f"c{number}"))
        for limit, older in ((1, []), (2, [4]), (3, [4, 3]), (50, [4, 3, 2, 1, 0])):
            lines = (await ringback("messages", "--json", "--limit", str(limit))).splitlines()
            assert [json.loads(line)["id"] for line in lines] == ["m1", *(f"older{n}" for n in older)]
        lines = (await ringback("cdr", "--json")).splitlines()
        assert [json.loads(line)["call_id"] for line in lines] == ["c4", "c3", "c2", "c1", "c0"]


@asyncio_test
async def test_callbacks_are_listed(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, ringback):
        table = await ringback("callbacks")
        assert "booked" in table
        assert "1970-01-01 00:20:00" in table
        assert "+16175550100" not in table
        assert "+16175550100" in await ringback("callbacks", "--full-numbers")
        assert json.loads(await ringback("callbacks", "--json"))["tries"] == 2


@asyncio_test
async def test_deliveries_are_listed_and_sent_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        await server.deliveries.add_deliveries([a_delivery("msg_b", kind="webhook")])
        table = await ringback("deliveries")
        assert "waiting" in table
        assert "msg_b" in table
        table = await ringback("deliveries", "--dead")
        assert "msg_b" not in table
        assert "550 [bold] ]0;hi  +1617•••••00" in table  # masked, and no terminal obeys it
        assert (
            await ringback("deliveries", "--resend", "msg_a")
            == "email to sales@shop.example will be tried again\n"
        )
        assert "msg_a" not in await ringback("deliveries", "--dead")
        assert "Delivery not found" in await refusal(ringback, "deliveries", "--resend", "msg_x")


@asyncio_test
async def test_sessions_are_listed_and_ended(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        agents = agents_answer().agents
        server.world.config = server.world.config.model_copy(update={"agents": agents})
        token = server.sessions.open("alice", Origin("192.0.2.7", "Firefox"))
        table = await ringback("sessions")
        assert "alice" in table
        assert "192.0.2.7" in table
        assert token not in table
        session_id = json.loads(await ringback("sessions", "--json"))["id"]
        assert "session ended" in await ringback("sessions", "--end", session_id)
        assert len(server.sessions) == 0
        assert "Session not found" in await refusal(ringback, "sessions", "--end", session_id)


@asyncio_test
async def test_receivers_of_webhooks_that_get_nothing_are_told_and_resumed(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        url = "https://crm.example/hook"
        server.world.receivers.learn((url, "s"), TryFailed("410 Gone", final=True), server.clock.now)
        assert f"{url} is disabled since" in await ringback("deliveries")
        assert "resumed" in await ringback("deliveries", "--resume", url)
        assert url not in await ringback("deliveries")
        assert "Receiver not found" in await refusal(ringback, "deliveries", "--resume", url)
