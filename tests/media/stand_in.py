"""A worker without telephony: it speaks the worker protocol, and does what the dialled user part says.

``answer`` is answered at once, ``ring`` rings for ever, ``busy`` is refused, ``undead`` never reports its
end, ``crash`` kills the worker; :data:`REFUSALS` and :data:`PICKED_UP` have more. Each Dial is told as
PromptFinished with "pid port user_agent", each Join as PromptFinished with "joined OTHER", each Play with
"played NAME".
"""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import replace

from twisted.internet import protocol
from twisted.protocols import amp

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, Play
from bridge.events import LegAnswered, LegDtmf, LegEnded, LegHeld, LegResumed, LegRinging, PromptFinished
from media.engines.pjsua2 import SLOTS, WorkerSettings
from media.protocol import (
    AwaitTie,
    DialTie,
    Hello,
    Leave,
    Perform,
    Ping,
    Ready,
    Report,
    TrunkRegistered,
    Tune,
)  # fmt: skip

#: How far sides refuse.
REFUSALS = {
    "busy": (HangupCause.BUSY, 486),
    "decline": (HangupCause.DECLINED, 603),
    "unknown": (HangupCause.NOT_FOUND, 404),
    "congested": (HangupCause.CONGESTION, 503),
}
#: Far sides that are answered, and what they do then.
PICKED_UP = {
    "answer": (),
    "pick_up": (),
    "at_once": (),
    "early": (),
    "leave": (LegEnded("", HangupCause.NORMAL),),
    "hold": (LegHeld(""), LegResumed("")),
    "keys": (LegDtmf("", "5"), LegDtmf("", "#")),
}
#: Those that do not ring first.
SILENT = ("at_once", "leave", "hold", "keys")


class StandIn(amp.AMP):
    slots = SLOTS

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.legs: dict[str, str] = {}

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self.callRemote(Hello, token=self.token, pid=os.getpid()).addCallback(self.begin)

    def begin(self, answer: dict) -> None:
        self.settings = settings = WorkerSettings.model_validate_json(answer["settings"])
        self.port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.port.bind(("127.0.0.1", settings.sip_port))
        except OSError as error:
            self.callRemote(Ready, error=str(error))
            return
        if settings.sip.user_agent == "broken":
            self.callRemote(Ready, error="broken by the test")
            return
        self.callRemote(Ready, error="")
        for name in settings.trunks if settings.role == "registrar" else ():
            self.callRemote(TrunkRegistered, trunk=name, registered=True, status=200)

    def connectionLost(self, reason: object) -> None:  # noqa: N802
        os._exit(0)

    def tell(self, event: object) -> None:
        self.callRemote(Report, event=event)

    def take(self, leg_id: str, user: str) -> None:
        self.legs[leg_id] = user
        if len(self.legs) > self.slots:
            os._exit(44)

    def act(self, leg_id: str, user: str) -> None:
        """Do what the far side of this name does."""
        if user in REFUSALS:
            del self.legs[leg_id]
            self.tell(LegEnded(leg_id, *REFUSALS[user]))
            return
        if user not in SILENT:
            self.tell(LegRinging(leg_id))
        if user == "early":
            self.tell(LegRinging(leg_id, early_media=True))
        if user in PICKED_UP:
            self.tell(LegAnswered(leg_id))
        for event in PICKED_UP.get(user, ()):
            self.tell(replace(event, leg_id=leg_id))
        if user == "leave":
            del self.legs[leg_id]

    def perform(self, command: object) -> dict:
        match command:
            case Dial(leg_id=leg_id, endpoint=endpoint):
                user = endpoint.uri.removeprefix("sip:").split("@")[0]
                self.take(leg_id, user)
                settings = self.settings
                self.tell(
                    PromptFinished(leg_id, f"{os.getpid()} {settings.sip_port} {settings.sip.user_agent}")
                )
                if user == "crash":
                    from twisted.internet import reactor

                    reactor.callLater(0.02, os.kill, os.getpid(), signal.SIGKILL)
                self.act(leg_id, user.split("-")[0])
            case HangUp(leg_id=leg_id, cause=cause):
                if leg_id in self.legs and self.legs[leg_id] != "undead":
                    del self.legs[leg_id]
                    self.tell(LegEnded(leg_id, cause))
            case Join(leg_id=leg_id, other_leg_id=other):
                if leg_id in self.legs and other in self.legs:
                    self.tell(PromptFinished(leg_id, f"joined {other}"))
            case Play(leg_id=leg_id, audio=audio):
                self.tell(PromptFinished(leg_id, f"played {audio.name}"))
        return {}

    def await_tie(self, leg_id: str, secret: str) -> dict:
        self.take(leg_id, "tie")
        return {"uri": f"sip:{secret}@127.0.0.1:{self.settings.sip_port}"}

    def dial_tie(self, leg_id: str, uri: str) -> dict:
        self.take(leg_id, "tie")
        if self.settings.sip.user_agent != "no ties":
            self.tell(LegAnswered(leg_id))
        return {}

    def leave(self) -> dict:
        if self.settings.sip.user_agent != "stubborn":
            os._exit(0)
        return {}

    Perform.responder(perform)
    AwaitTie.responder(await_tie)
    DialTie.responder(dial_tie)
    Leave.responder(leave)
    Ping.responder(lambda self: {})
    Tune.responder(lambda self, log_level, wish: {})


def main(socket_path: str, token: str) -> None:
    serve(StandIn, socket_path, token)


def serve(kind: type[StandIn], socket_path: str, token: str) -> None:
    from twisted.internet import endpoints, reactor

    factory = protocol.Factory.forProtocol(lambda: kind(token))
    endpoints.UNIXClientEndpoint(reactor, socket_path).connect(factory)
    reactor.run(installSignalHandlers=False)
