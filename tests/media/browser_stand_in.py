"""A browser worker without browsers: it speaks the worker protocol, and does what the leg's id says.

A leg ``answer.1`` is dialled as user ``answer``, which is for the phone worker's stand-in to obey. ``slow.1``
opens after 0.2 s, ``never.1`` does not open, ``refused.1`` is refused, ``left.1`` is dialled as ``busy`` once
its browser has declined, ``crash-browser.1`` kills the worker. A candidate is echoed to the browser.
"""

from __future__ import annotations

import os
import signal

from twisted.internet import defer, protocol, task
from twisted.protocols import amp

from media.engines.pjsua2 import WorkerSettings
from media.protocol import (
    BrowserLegEnded,
    CloseBrowserLeg,
    Hello,
    Leave,
    LegRefusedError,
    OpenBrowserLeg,
    Ping,
    Ready,
    Signal,
    Signalled,
    Tune,
)
from webrtc.signalling import Bye, write

SLOW = 0.2


class BrowserStandIn(amp.AMP):
    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.legs: set[str] = set()

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self.callRemote(Hello, token=self.token, pid=os.getpid()).addCallback(self.begin)

    def begin(self, answer: dict) -> None:
        self.settings = WorkerSettings.model_validate_json(answer["settings"])
        assert self.settings.role == "browser"
        broken = self.settings.webrtc.bind_address == "broken"
        self.callRemote(Ready, error="broken by the test" if broken else "")

    def connectionLost(self, reason: object) -> None:  # noqa: N802
        os._exit(0)

    def open(self, leg_id: str, codecs: str, audio: str) -> object:
        from twisted.internet import reactor

        user = leg_id.split(".")[0]
        if user == "refused" or not codecs:
            raise LegRefusedError("no")
        self.legs.add(leg_id)
        if user == "never":
            return defer.Deferred()
        if user == "crash-browser":
            reactor.callLater(0.02, os.kill, os.getpid(), signal.SIGKILL)
        if user == "left":
            user = "busy"
            self.end(leg_id, "declined")
        answer = {"uri": f"sip:{user}@127.0.0.1:{self.settings.sip_port};codecs={codecs};audio={audio}"}
        return task.deferLater(reactor, SLOW, lambda: answer) if user == "slow" else answer

    def close(self, leg_id: str) -> dict:
        if leg_id in self.legs:
            self.end(leg_id, "ended")
        return {}

    def end(self, leg_id: str, cause: str) -> None:
        self.legs.remove(leg_id)
        self.callRemote(Signalled, leg_id=leg_id, message=write(Bye(cause="ended")))
        self.callRemote(BrowserLegEnded, leg_id=leg_id, cause=cause)

    def signal(self, leg_id: str, message: str) -> dict:
        self.callRemote(Signalled, leg_id=leg_id, message=message)
        return {}

    def leave(self) -> dict:
        os._exit(0)

    OpenBrowserLeg.responder(open)
    CloseBrowserLeg.responder(close)
    Signal.responder(signal)
    Leave.responder(leave)
    Ping.responder(lambda self: {})
    Tune.responder(lambda self, log_level, wish: {})


def main(socket_path: str, token: str) -> None:
    from twisted.internet import endpoints, reactor

    factory = protocol.Factory.forProtocol(lambda: BrowserStandIn(token))
    endpoints.UNIXClientEndpoint(reactor, socket_path).connect(factory)
    reactor.run(installSignalHandlers=False)
