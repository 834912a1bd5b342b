"""The connection to one Asterisk: connects, logs in, detects silence, and reconnects after every loss."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from asterisk.ami.action import SimpleAction
from asterisk.ami.event import Event
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.protocol import Factory
from twisted.internet.ssl import Certificate, optionsForClientTLS

from bridge.protocols import Clock
from config.sections.asterisk import Asterisk
from cti.ami.packets import value
from cti.ami.protocol import AmiError, AmiProtocol, AmiRefusedError

log = structlog.get_logger(__name__)

#: Seconds to connect in, and to be greeted.
CONNECT_SECONDS = 10.0
#: Seconds of silence after which Asterisk is asked whether it is there, and for that answer.
SILENCE_SECONDS = 15.0
#: Seconds of a connection after which the next pause is the shortest again.
GOOD_SECONDS = 60.0
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
#: Seconds between logins where the last was refused: Asterisk's own guards lock out those who hurry.
REFUSED_PAUSE = 60.0
#: What Asterisk is asked to tell of: calls and devices, and queues.
EVENT_MASK = "call,agent"


@dataclass(frozen=True, slots=True)
class LinkState:
    """The state of the connection to an Asterisk; ``since`` is in seconds since the epoch."""

    state: Literal["connecting", "up", "down", "refused"]
    since: float
    #: What was wrong last, in words; empty if nothing was.
    error: str = ""
    #: Actions that Asterisk does not let us have, each with what it says.
    refused: tuple[str, ...] = ()

    @property
    def up(self) -> bool:
        """Whether Asterisk tells us what happens."""
        return self.state == "up"


class AmiLink:
    """Keeps one connection, for as long as it is not stopped.

    ``opened(protocol)`` is awaited after each login, and asks for what we have missed; ``closed()`` is called
    when a connection that was opened is gone; ``event(event)`` with everything that happens meanwhile.
    """

    def __init__(
        self,
        name: str,
        settings: Asterisk,
        reactor: Any,
        clock: Clock,
        *,
        opened: Callable[[AmiProtocol], Awaitable[None]],
        closed: Callable[[], None],
        event: Callable[[Event], None],
    ) -> None:
        self._name = name
        self._settings = settings
        self._reactor = reactor
        self._clock = clock
        self._opened = opened
        self._closed = closed
        self._event = event
        self._loop = asyncio.get_running_loop()
        self._pause = SHORTEST_PAUSE
        self.state = LinkState("connecting", clock.time())
        self._running = self._loop.create_task(self._run())

    async def stop(self) -> None:
        """Log off and leave."""
        self._running.cancel()
        await asyncio.wait([self._running])

    async def _run(self) -> None:
        while True:
            refused, began = False, self._loop.time()
            try:
                why = await self._connection()
            except AmiRefusedError as error:
                refused, why = True, str(error)
            except AmiError as error:
                why = str(error)
            except Exception as error:
                # Whatever it is, calls go on without this Asterisk, and another try may go better.
                log.exception("ami_failed", asterisk=self._name)
                why = f"{type(error).__name__}: {error}"
            if self._loop.time() - began > GOOD_SECONDS:
                self._pause = SHORTEST_PAUSE
            self._note("refused" if refused else "down", why)
            pause = REFUSED_PAUSE if refused else self._pause
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            await asyncio.sleep(pause * (0.8 + 0.4 * random.random()))  # noqa: S311 - spreads, guards nothing

    async def _connection(self) -> str:
        """Connect and stay; why it ended, in words. :class:`AmiError` where it never came to a login."""
        protocol = await self._connect()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                either: list[asyncio.Future[Any]] = [protocol.greeted, protocol.lost]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if protocol.lost.done():
                return protocol.lost.result()
            await self._log_in(protocol)
            try:
                await self._opened(protocol)
                self._note("up")
                await self._stay(protocol)
            finally:
                self._closed()
        except TimeoutError:
            protocol.drop("no greeting")
        finally:
            if not protocol.lost.done():
                protocol.farewell()
        return await asyncio.shield(protocol.lost)

    async def _connect(self) -> AmiProtocol:
        manager = self._settings.manager
        endpoint: Any = HostnameEndpoint(
            self._reactor, manager.host.encode(), manager.port, timeout=CONNECT_SECONDS
        )
        if self._settings.tls:
            endpoint = wrapClientTLS(_tls_options(self._settings), endpoint)
        try:
            made: AmiProtocol = await endpoint.connect(
                Factory.forProtocol(lambda: AmiProtocol(self._event))
            ).asFuture(self._loop)
        except Exception as error:
            # Names that are not found, ports that are closed, certificates: each has its own kind.
            raise AmiError(f"cannot connect to {manager}: {error}") from error
        return made

    async def _log_in(self, protocol: AmiProtocol) -> None:
        """Log in without sending the secret (Challenge, AuthType MD5). :class:`AmiError` if it fails."""
        challenge = await protocol.ask(SimpleAction("Challenge", AuthType="MD5"))
        secret = self._settings.secret.get_secret_value()
        proof = hashlib.md5((value(challenge, "Challenge") + secret).encode(), usedforsecurity=False)
        await protocol.ask(
            SimpleAction(
                "Login",
                AuthType="MD5",
                Username=self._settings.username,
                Key=proof.hexdigest(),
                Events=EVENT_MASK,
            )
        )

    async def _stay(self, protocol: AmiProtocol) -> None:
        """Until the connection is lost, or silent for too long."""
        while not protocol.lost.done():
            quiet = SILENCE_SECONDS - (self._loop.time() - protocol.heard_at)
            if quiet > 0:
                await asyncio.wait([protocol.lost], timeout=quiet)
                continue
            try:
                await protocol.ask(SimpleAction("Ping"), SILENCE_SECONDS)
            except AmiError as error:
                protocol.drop(f"Asterisk is silent: {error}")
                return

    def _note(self, state: Literal["up", "down", "refused"], error: str = "") -> None:
        before = self.state
        self.state = LinkState(state, self._clock.time(), error)
        if state == "up":
            log.info("asterisk_up", asterisk=self._name)
        elif before.state != state or before.error != error:
            log.warning("asterisk_down", asterisk=self._name, state=state, error=error)


def _tls_options(settings: Asterisk) -> Any:
    trust = None
    if settings.ca_file is not None:
        trust = Certificate.loadPEM(settings.ca_file.read_bytes())
    return optionsForClientTLS(settings.manager.host, trustRoot=trust)
