"""A small Asterisk manager, which behaves as a test wants, well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from asterisk.ami.event import Event

SECRET = "open sesame"
CHALLENGE = "840415273"
Said = dict[str, str]


class Manager:
    """Make one with :func:`manager`. ``said`` is every action that arrived."""

    def __init__(self) -> None:
        self.port = 0
        self.said: list[Said] = []
        self.greeting = b"Asterisk Call Manager/11.0.0\r\n"
        #: Events that answer an action, by its name.
        self.lists: dict[str, list[Event]] = {
            "CoreShowChannels": [],
            "DeviceStateList": [],
            "QueueStatus": [],
        }
        self.variables: dict[str, str] = {}
        #: Actions that are not answered, and those that are refused.
        self.ignored: set[str] = set()
        self.refused: set[str] = set()
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[Any]] = set()

    async def open(self, tls: ssl.SSLContext | None = None) -> None:
        """Take connections, at the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Take no connections, and end those that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()

    def drop(self) -> None:
        """End the connections without a word."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def tell(self, *events: Event) -> None:
        """Say that this has happened."""
        self.send(b"".join(map(_write, events)))

    def send(self, data: bytes) -> None:
        """Say just this."""
        for writer in self._writers:
            writer.write(data)

    def actions(self, name: str) -> list[Said]:
        """What was asked of one kind."""
        return [said for said in self.said if said["Action"] == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.connections += 1
        self._writers.append(writer)
        writer.write(self.greeting)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                packet = (await reader.readuntil(b"\r\n\r\n")).decode()
                said = dict(line.split(": ", 1) for line in packet.strip().split("\r\n"))
                self.said.append(said)
                if said["Action"] not in self.ignored:
                    writer.write(self._answer(said))
        writer.close()

    def _answer(self, said: Said) -> bytes:
        name, tail = said["Action"], f"ActionID: {said['ActionID']}\r\n"
        error = f"Response: Error\r\n{tail}Message: "
        if name in self.refused:
            return f"{error}Permission denied\r\n\r\n".encode()
        if name == "Challenge":
            return f"Response: Success\r\n{tail}Challenge: {CHALLENGE}\r\n\r\n".encode()
        if name == "Login" and said["Key"] != hashlib.md5((CHALLENGE + SECRET).encode()).hexdigest():
            return f"{error}Authentication failed\r\n\r\n".encode()
        if name == "Getvar":
            answer = self.variables.get(said["Channel"], "")
            return f"Response: Success\r\n{tail}Value: {answer}\r\n\r\n".encode()
        if name in self.lists:
            begin = f"Response: Success\r\n{tail}EventList: start\r\n\r\n".encode()
            entries = b"".join(_write(entry, {"ActionID": said["ActionID"]}) for entry in self.lists[name])
            return begin + entries + f"Event: {name}Complete\r\n{tail}EventList: Complete\r\n\r\n".encode()
        return f"Response: Success\r\n{tail}Message: done\r\n\r\n".encode()


@contextlib.asynccontextmanager
async def manager(tls: ssl.SSLContext | None = None) -> AsyncIterator[Manager]:
    """A manager that takes connections."""
    made = Manager()
    await made.open(tls)
    try:
        yield made
    finally:
        await made.close()


async def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for something."""
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 - whatever it is, nobody tells of it
            await asyncio.sleep(0.005)


def _write(event: Event, more: Mapping[str, str] | None = None) -> bytes:
    lines = [
        f"Event: {event.name}",
        *(f"{key}: {text}" for key, text in {**event.keys, **(more or {})}.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
