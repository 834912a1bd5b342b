"""A worker's end of its connection to the core, from Hello to the end of the process."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from twisted.internet import protocol
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.protocol import connectionDone

from bridge.commands import MediaCommand
from bridge.tracing import TraceWish
from media.frames import FrameError, FrameReader
from media.protocol import (
    PROTOCOL,
    TO_CORE,
    TO_WORKER,
    Adopted,
    Ask,
    AskRefused,
    AwaitTie,
    CloseBrowserLeg,
    Configure,
    DialTie,
    EndDialog,
    Hello,
    Keep,
    Leave,
    OpenBrowserLeg,
    Perform,
    Ping,
    Question,
    Reply,
    Signal,
    ToCore,
    ToWorker,
    Tune,
    Welcome,
    WorkerRefusedError,
)
from sip.journal import note, set_level


class CoreLine(protocol.Protocol):
    """One connection to the core: frames in and out. What is no message of the core's closes it."""

    def __init__(self, link: CoreLink) -> None:
        self._link = link
        self._reader = FrameReader()

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Pass on that the core can be told things."""
        self._link.connected(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Pass on what the core says."""
        try:
            for payload in self._reader.feed(data):
                self._link.take(TO_WORKER.load(payload))
        except FrameError as error:
            note("core_not_understood", "error", reason=str(error))
            self._transport.abortConnection()

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Pass on that the core is gone."""
        self._link.disconnected()

    def send(self, message: ToCore) -> None:
        """Tell the core."""
        self._transport.write(TO_CORE.dump(message))

    @property
    def folder(self) -> str:
        """The folder of the core's socket."""
        return os.path.dirname(os.fsdecode(self._transport.getPeer().name))

    @property
    def _transport(self) -> Any:
        return self.transport  # typed as an interface without abortConnection


class CoreLink:
    """A worker toward its core. Each kind says how it begins, what it does, and how it ends."""

    #: Seconds for far sides to answer before the process exits anyway.
    longest_farewell: ClassVar[float]

    def __init__(self, reactor: Any, token: str) -> None:
        self.reactor = reactor
        self._token = token
        self._line: CoreLine | None = None
        self._leaving = False

    # --- what each kind of worker does ----------------------------------------------------------------

    def begin(self, settings: bytes) -> Any:
        """Begin to work with these settings of the engine, and send Ready; may return a Deferred."""
        raise NotImplementedError

    def configure(self, settings: bytes) -> str:
        """Take new settings while it runs; returns why it cannot, or an empty text."""
        return "this worker takes settings only at its start"

    def listen_for(self, wish: TraceWish) -> None:
        """Report these SIP messages from now on; a worker without SIP peers has none."""

    def perform(self, command: MediaCommand) -> None:
        """Carry out a media command."""
        raise WorkerRefusedError("this worker has no legs by SIP")

    def await_tie(self, leg_id: str, secret: str) -> str:
        """Expect a tie; returns where to dial."""
        raise WorkerRefusedError("this worker has no ties")

    def dial_tie(self, leg_id: str, uri: str) -> None:
        """Dial the tie that another worker expects."""
        raise WorkerRefusedError("this worker has no ties")

    def end_dialog(self, record: str) -> bool | Deferred[bool]:
        """End the dialog of a dead worker; returns whether the peer has answered."""
        raise WorkerRefusedError("this worker ends no dialogs")

    def open_leg(self, leg_id: str, codecs: tuple[str, ...], audio: str) -> str | Deferred[str]:
        """Expect a browser; returns where a phone worker dials."""
        raise WorkerRefusedError("this worker opens no legs in browsers")

    def close_leg(self, leg_id: str) -> None:
        """End a leg in a browser."""

    def signal(self, leg_id: str, message: str) -> None:
        """Take what a leg's browser says."""

    def keep(self, call_id: str, legs: tuple[str, str], memo: bytes) -> None:
        """Let a bridged call go on should the core be gone, or without a memo: do not."""

    def adopted(self, call_ids: tuple[str, ...]) -> None:
        """Another core goes on with these calls."""

    def farewell(self) -> bool:
        """Hang up and unregister everything; returns whether an answer from a far side is expected."""
        raise NotImplementedError

    def last_act(self) -> None:
        """What is to be done right before the process ends."""

    # --- the connection -------------------------------------------------------------------------------

    @property
    def lonely(self) -> bool:
        """Whether no core is connected."""
        return self._line is None

    def beside_core(self, name: str) -> str:
        """A path in the folder of the core's socket, which this node's workers have in common."""
        if self._line is None:
            raise RuntimeError("the core is gone")
        return os.path.join(self._line.folder, name)

    def tell(self, message: ToCore) -> None:
        """Send the core a message, if it is there."""
        if self._line is not None:
            self._line.send(message)

    def connected(self, line: CoreLine) -> None:
        """The core is there: say who this is."""
        self._line = line
        self.tell(Hello(self._token, os.getpid(), PROTOCOL))

    def disconnected(self) -> None:
        """The core is gone: leave."""
        self._line = None
        self.leave()

    def take(self, message: ToWorker) -> None:
        """Do what the core says. What goes wrong with one message is logged, and the next one is taken."""
        try:
            self._take(message)
        except Exception as error:  # noqa: BLE001 - the core's other calls go on
            kind = type(message).__name__
            note("command_failed", "error", kind=kind, reason=str(error), trace=traceback.format_exc())

    def _take(self, message: ToWorker) -> None:
        match message:
            case Perform(command):
                self.perform(command)
            case Signal(leg_id, text):
                self.signal(leg_id, text)
            case CloseBrowserLeg(leg_id):
                self.close_leg(leg_id)
            case Ask(number, question):
                asked = maybeDeferred(self._asked, question)
                asked.addCallback(lambda value: self.tell(Reply(number, value)))
                asked.addErrback(lambda failure: self.tell(AskRefused(number, failure.getErrorMessage())))
            case Tune(log_level, wish):
                set_level(log_level)
                self.listen_for(wish)
            case Welcome(settings):
                maybeDeferred(self.begin, settings).addErrback(self._give_up)
            case Keep(call_id, legs, memo):
                self.keep(call_id, legs, memo)
            case Adopted(call_ids):
                self.adopted(call_ids)
            case Leave():
                self.leave()

    def _asked(self, question: Question) -> Any:
        match question:
            case Ping():
                return None
            case Configure(settings):
                return self.configure(settings)
            case AwaitTie(leg_id, secret):
                return self.await_tie(leg_id, secret)
            case DialTie(leg_id, uri):
                return self.dial_tie(leg_id, uri)
            case EndDialog(record):
                return self.end_dialog(record)
            case OpenBrowserLeg(leg_id, codecs, audio):
                return self.open_leg(leg_id, codecs, audio)

    # --- the end --------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Hang up everything, give the far sides a moment to answer, and exit."""
        if not self._leaving:
            self._leaving = True
            # os._exit: PJSIP's clean-up at interpreter exit aborts where Python still holds its objects.
            self.reactor.callLater(self.longest_farewell if self.farewell() else 0, self._exit)

    def _exit(self) -> None:
        try:
            self.last_act()
        finally:
            os._exit(0)

    def _give_up(self, failure: Any) -> None:
        note("worker_failed", reason=failure.getErrorMessage(), trace=failure.getTraceback())
        os._exit(1)


class _ToCore(protocol.ClientFactory):
    """Makes the one connection to the core."""

    def __init__(self, link: CoreLink) -> None:
        self._link = link

    def buildProtocol(self, address: Any) -> CoreLine:  # noqa: N802 - Twisted's name
        """Build the worker's line."""
        return CoreLine(self._link)

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
    reactor.connectUNIX(connection_path, _ToCore(kind(reactor, token)))
    reactor.run(installSignalHandlers=False)  # type: ignore[call-arg, misc]
    os._exit(0)
