"""The parent's side of a phone, for asyncio: start it, tell it what to do, wait for what it reports."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from phones import wire

E = TypeVar("E", bound=wire.Event)
_START_SECONDS = 15.0
_QUIT_SECONDS = 2.0
#: Of one line that a phone reports.
LINE_LIMIT = 1 << 20


class PhoneError(Exception):
    """A phone process is gone or refused what it was asked."""


class NotReportedError(AssertionError):
    """A phone did not report what was expected of it in time."""


async def start_process(options: Sequence[str]) -> asyncio.subprocess.Process:
    """``python -m phones`` with these options, which does not outlive this process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "phones",
        *options,
        "--parent",
        str(os.getpid()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
    )


class Phone:
    """A phone process. Make one with :meth:`start`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        #: Everything that the phone has reported.
        self.events: list[wire.Event] = []
        self._process = process
        self._taken: set[int] = set()
        self._news = asyncio.Condition()
        self._gone = False
        self._frozen = False
        self._reader = asyncio.ensure_future(self._read())

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        name: str = "phone",
        script: wire.Script | None = None,
        *,
        port: int = 0,
        recordings: Path | None = None,
        codecs: tuple[str, ...] = ("PCMU", "PCMA"),
        srtp: str = "off",
        tls_certificate: Path | None = None,
        tls_key: Path | None = None,
    ) -> AsyncIterator[Phone]:
        """A phone that listens; its process is gone when the context ends. Raises :class:`PhoneError`."""
        options = ["--name", name, "--port", str(port), "--codecs", ",".join(codecs), "--srtp", srtp]
        options += ["--script", json.dumps(dataclasses.asdict(script or wire.Script()))]
        for option, path in (
            ("--recordings", recordings),
            ("--tls-certificate", tls_certificate),
            ("--tls-key", tls_key),
        ):
            if path is not None:
                options += [option, str(path)]
        phone = cls(name, await start_process(options))
        try:
            await phone.expect(wire.PhoneReady, within=_START_SECONDS)
            yield phone
        finally:
            await phone.close()

    @property
    def ready(self) -> wire.PhoneReady:
        """What the phone said of itself at the start."""
        return next(event for event in self.events if isinstance(event, wire.PhoneReady))

    @property
    def pid(self) -> int:
        """The phone's process."""
        return self._process.pid

    @property
    def port(self) -> int:
        """Its SIP port on 127.0.0.1, UDP and TCP."""
        return self.ready.port

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def frozen(self) -> bool:
        """Whether it stands still (:meth:`freeze`)."""
        return self._frozen

    @property
    def uri(self) -> str:
        """Where it can be called, over UDP."""
        return f"sip:{self.name}@{self.address}"

    async def send(self, command: wire.Command) -> None:
        """Tell the phone to do something."""
        if self._gone or self._process.stdin is None:
            raise PhoneError(f"the phone {self.name} is gone")
        self._process.stdin.write(wire.encode(command).encode() + b"\n")
        await self._process.stdin.drain()

    async def set_script(self, script: wire.Script) -> None:
        """Have the next incoming call meet this script; returns when it would."""
        await self.send(wire.SetScript(script))
        await self.expect(wire.ScriptSet)

    async def expect(
        self,
        kind: type[E],
        *,
        within: float = 5.0,
        call: int | None = None,
        where: Callable[[E], bool] = lambda event: True,
    ) -> E:
        """The next report of that kind (of that call) not expected before; those already in count too.

        Raises :class:`NotReportedError` after ``within`` seconds, with all that the phone did report, and
        :class:`PhoneError` when the phone failed or is gone.
        """
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(within):
                return await self._next(kind, call, where)
        story = "\n  ".join(map(str, self.events)) or "nothing"
        raise NotReportedError(f"{self.name}: no {kind.__name__} within {within} s; it reported\n  {story}")

    def seen(self, kind: type[E], *, call: int | None = None) -> list[E]:
        """All reports of that kind (of that call) until now."""
        return [
            event
            for event in self.events
            if isinstance(event, kind) and call in (None, getattr(event, "call", None))
        ]

    def freeze(self) -> None:
        """Stop the process where it stands (SIGSTOP): a phone whose battery died."""
        self._frozen = True
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        os.kill(self.pid, signal.SIGCONT)
        self._frozen = False

    async def close(self) -> None:
        """Hang up and end the process: kindly if it listens, else by force."""
        if self._process.returncode is None and not self._frozen:
            with contextlib.suppress(PhoneError, ConnectionError, asyncio.TimeoutError):
                await self.send(wire.Quit())
                await asyncio.wait_for(self._process.wait(), _QUIT_SECONDS)
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        await self._reader

    async def _next(self, kind: type[E], call: int | None, where: Callable[[E], bool]) -> E:
        async with self._news:
            while True:
                for index, event in enumerate(self.events):
                    if index in self._taken:
                        continue
                    if isinstance(event, wire.Failed) and kind is not wire.Failed:
                        raise PhoneError(f"the phone {self.name}: {event.problem}")
                    if (
                        isinstance(event, kind)
                        and call in (None, getattr(event, "call", None))
                        and where(event)
                    ):
                        self._taken.add(index)
                        return event
                if self._gone:
                    raise PhoneError(f"the phone {self.name} is gone (exit {self._process.returncode})")
                await self._news.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - we asked for the pipe
        async for line in self._process.stdout:
            event = wire.decode(line, wire.EVENTS)
            async with self._news:
                self.events.append(event)
                self._news.notify_all()
        async with self._news:
            self._gone = True
            self._news.notify_all()
