"""A core looks for the switch of the one before, which may be of any kind of health."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.causes import HangupCause
from bridge.events import LegEnded, LegHeld
from bridge.snapshot import KeptCall
from media import held
from media.held import HeldLink, find, forget_record, read_record
from media.protocol import PROTOCOL, RECORD, SOCKET, TO_CORE, DialogNoted, Hello, Holding, Report, Signalled
from media.temporary import lock_folder
from tests.aio import asyncio_test

CALL = KeptCall("c", b"memo", ((5.0, LegHeld("c-s1")),))

#: Listens, says what it was given, then nothing.
LISTENER = """
import socket, sys, time
door = socket.socket(socket.AF_UNIX)
door.bind(sys.argv[1])
door.listen(1)
print("there", flush=True)
line, _ = door.accept()
line.sendall(bytes.fromhex(sys.argv[2]))
time.sleep(60)
"""


class Nobody:
    """Takes whatever a worker does and says."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self.told.append((name, *given))


@asynccontextmanager
async def switch(folder: Path, *said: Any) -> AsyncIterator[subprocess.Popen[bytes]]:
    words = b"".join(TO_CORE.dump(each) for each in said).hex()
    command = [sys.executable, "-c", LISTENER, str(folder / SOCKET), words]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220
        try:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline) == b"there\n"
            yield process
        finally:
            process.kill()


def link(nobody: Nobody) -> HeldLink:
    return HeldLink(nobody, nobody)  # type: ignore[arg-type]


@asyncio_test
async def test_what_it_has_is_heard_and_kept_until_it_is_adopted(tmp_path: Path) -> None:
    nobody = Nobody()
    noted = DialogNoted("c-s1", "call id", "record")
    ended = LegEnded("c-s1", HangupCause.NORMAL)
    said = (Hello("", 1, PROTOCOL), noted, Holding((CALL,)), Report(ended), Signalled("c-s1", "{}"))
    async with switch(tmp_path, *said) as process:
        found = await find(tmp_path, lambda: link(nobody))
        assert found is not None
        line, pid = found
        assert pid == process.pid, "as the kernel says, not the process"
        for _ in range(100):
            if len(line.calls["c"].story) == 2:
                break
            await asyncio.sleep(0.01)
        assert line.dialogs == [noted]
        assert [event for _, event in line.calls["c"].story] == [LegHeld("c-s1"), ended]
        assert nobody.told == []
        worker: Any = object()
        line.adopt(worker)
        assert nobody.told == [("signalled", worker, "c-s1", "{}")]


@pytest.mark.parametrize(
    "said", [(), (Hello("", 1, "another protocol"), Holding((CALL,)))], ids=["says nothing", "too new"]
)
@asyncio_test
async def test_one_that_cannot_be_understood_is_killed(
    tmp_path: Path, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "_PATIENCE", 0.3)
    async with switch(tmp_path, *said) as process:
        assert await find(tmp_path, lambda: link(Nobody())) is None
        assert await asyncio.to_thread(process.wait, 5) == -9


@asyncio_test
async def test_nobody_waits(tmp_path: Path) -> None:
    assert await find(tmp_path, lambda: link(Nobody())) is None
    (tmp_path / SOCKET).touch()  # what a killed switch has left
    assert await find(tmp_path, lambda: link(Nobody())) is None


@pytest.mark.parametrize("text", [b"", b"\x00\x00", b"\xff" * 20, TO_CORE.dump(Hello("", 1, ""))])
def test_a_record_that_is_none_is_no_call(tmp_path: Path, text: bytes) -> None:
    (tmp_path / RECORD).write_bytes(text)
    assert read_record(tmp_path) == ()


def test_a_record_serves_once(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_bytes(TO_CORE.dump(Holding((CALL,))))
    assert read_record(tmp_path) == (CALL,)
    forget_record(tmp_path)
    forget_record(tmp_path)
    assert read_record(tmp_path) == ()


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    lock_folder(tmp_path / "media")
    with pytest.raises(BlockingIOError):
        lock_folder(tmp_path / "media")
