"""A worker's end of its connection to the core, from Hello to the end of the process."""

# mypy: disallow-untyped-calls=False
# Twisted leaves AMP without annotations.

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from pydantic import TypeAdapter
from twisted.internet import protocol
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.protocols import amp

from bridge.tracing import TraceWish
from media.protocol import Configure, Hello, Leave, Ping, Tune
from sip.journal import Level, note, set_level

_WISH = TypeAdapter(TraceWish)


class CoreLink(amp.AMP):
    """A worker's end of the connection to the core. Each kind of worker says how it begins and ends."""

    #: Seconds for far sides to answer before the process exits anyway.
    longest_farewell: ClassVar[float]

    def __init__(self, reactor: Any, token: str) -> None:
        super().__init__()
        self.reactor = reactor
        self._token = token
        self._connected = False
        self._leaving = False

    def begin(self, settings: bytes) -> Any:
        """Begin to work with these settings of the engine, and send Ready; may return a Deferred."""
        raise NotImplementedError

    def configure(self, settings: bytes) -> str:
        """Take new settings while it runs; returns why it cannot, or an empty text."""
        return "this worker takes settings only at its start"

    def farewell(self) -> bool:
        """Hang up and unregister everything; returns whether an answer from a far side is expected."""
        raise NotImplementedError

    def beside_core(self, name: str) -> str:
        """A path in the folder of the core's socket, which this node's workers have in common."""
        line: Any = self.transport
        return os.path.join(os.path.dirname(os.fsdecode(line.getPeer().name)), name)

    def tell(self, command: type[amp.Command], **arguments: Any) -> Any:
        """Send a command to the core, if it is there."""
        return self.callRemote(command, **arguments) if self._connected else None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Send Hello, and begin with the settings in its answer."""
        super().connectionMade()
        self._connected = True
        hello = self.callRemote(Hello, token=self._token, pid=os.getpid())
        hello.addCallback(self._take_settings).addErrback(self._give_up)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """The core is gone: leave."""
        self._connected = False
        super().connectionLost(reason)
        self.leave()

    def leave(self) -> dict[str, Any]:
        """Hang up everything, give the far sides a moment to answer, and exit."""
        if not self._leaving:
            self._leaving = True
            # os._exit: PJSIP's clean-up at interpreter exit aborts where Python still holds its objects.
            self.reactor.callLater(self.longest_farewell if self.farewell() else 0, self._exit)
        return {}

    def last_act(self) -> None:
        """What is to be done right before the process ends."""

    def _exit(self) -> None:
        try:
            self.last_act()
        finally:
            os._exit(0)

    def ping(self) -> dict[str, Any]:
        """Show that the reactor runs."""
        return {}

    def tune(self, log_level: Level, wish: bytes) -> dict[str, Any]:
        """Set the log level and the SIP messages to report."""
        set_level(log_level)
        self.listen_for(_WISH.validate_json(wish))
        return {}

    def listen_for(self, wish: TraceWish) -> None:
        """Report these SIP messages from now on; a worker without SIP peers has none."""

    def _configure(self, settings: bytes) -> dict[str, Any]:
        return {"error": self.configure(settings)}

    Configure.responder(_configure)
    Tune.responder(tune)
    Leave.responder(leave)
    Ping.responder(ping)

    def _take_settings(self, answer: dict[str, Any]) -> Any:
        return self.begin(answer["settings"])

    def _give_up(self, failure: Any) -> None:
        if failure.check(ConnectionDone, ConnectionLost):
            return  # the core is gone: connectionLost follows
        note("worker_failed", reason=failure.getErrorMessage(), trace=failure.getTraceback())
        os._exit(1)


class _ToCore(protocol.ClientFactory):
    """Makes the one connection to the core."""

    def __init__(self, line: Callable[[], CoreLink]) -> None:
        self._line = line

    def buildProtocol(self, address: Any) -> CoreLink:  # noqa: N802 - Twisted's name
        """Build the worker."""
        return self._line()

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """Without a core the process exits."""
        note("core_unreachable", reason=reason.getErrorMessage())
        os._exit(1)


def run(kind: Callable[[Any, str], CoreLink], connection_path: str, token: str) -> NoReturn:
    """Run a worker of this kind on the installed reactor, until its core ends it.

    It ignores SIGINT and SIGTERM, which also reach it when its core is told to drain: it ends with the
    connection to its core.
    """
    from twisted.internet import reactor  # the main has installed the one that it wants

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reactor.connectUNIX(connection_path, _ToCore(lambda: kind(reactor, token)))
    reactor.run(installSignalHandlers=False)  # type: ignore[call-arg, misc]
    os._exit(0)
