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

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, MediaCommand, Play
from bridge.events import (
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegEvent,
    LegHeld,
    LegResumed,
    LegRinging,
    PromptFinished,
)
from media.core_link import CoreLink, run
from media.engines.pjsua2 import SLOTS, WorkerSettings
from media.protocol import Ready, Report, TrunkRegistered

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


class StandIn(CoreLink):
    slots = SLOTS

    def __init__(self, reactor: object, token: str) -> None:
        super().__init__(reactor, token)
        self.legs: dict[str, str] = {}

    def begin(self, told: bytes) -> None:
        self.settings = settings = WorkerSettings.model_validate_json(told)
        self.port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.port.bind(("127.0.0.1", settings.sip_port))
        except OSError as error:
            self.tell(Ready(str(error)))
            return
        if settings.sip.user_agent == "broken":
            self.tell(Ready("broken by the test"))
            return
        self.tell(Ready())
        for name in settings.trunks if settings.role == "registrar" else ():
            self.tell(TrunkRegistered(name, registered=True, status=200))

    def disconnected(self) -> None:
        os._exit(0)

    def report(self, event: LegEvent) -> None:
        self.tell(Report(event))

    def hold(self, leg_id: str, user: str) -> None:
        self.legs[leg_id] = user
        if len(self.legs) > self.slots:
            os._exit(44)

    def act(self, leg_id: str, user: str) -> None:
        """Do what the far side of this name does."""
        if user in REFUSALS:
            del self.legs[leg_id]
            self.report(LegEnded(leg_id, *REFUSALS[user]))
            return
        if user not in SILENT:
            self.report(LegRinging(leg_id))
        if user == "early":
            self.report(LegRinging(leg_id, early_media=True))
        if user in PICKED_UP:
            self.report(LegAnswered(leg_id))
        for event in PICKED_UP.get(user, ()):
            self.report(replace(event, leg_id=leg_id))
        if user == "leave":
            del self.legs[leg_id]

    def perform(self, command: MediaCommand) -> None:
        match command:
            case Dial(leg_id=leg_id, endpoint=endpoint):
                user = endpoint.uri.removeprefix("sip:").split("@")[0]
                self.hold(leg_id, user)
                settings = self.settings
                self.report(
                    PromptFinished(leg_id, f"{os.getpid()} {settings.sip_port} {settings.sip.user_agent}")
                )
                if user == "crash":
                    self.reactor.callLater(0.02, os.kill, os.getpid(), signal.SIGKILL)
                self.act(leg_id, user.split("-")[0])
            case HangUp(leg_id=leg_id, cause=cause):
                if leg_id in self.legs and self.legs[leg_id] != "undead":
                    del self.legs[leg_id]
                    self.report(LegEnded(leg_id, cause))
            case Join(leg_id=leg_id, other_leg_id=other):
                if leg_id in self.legs and other in self.legs:
                    self.report(PromptFinished(leg_id, f"joined {other}"))
            case Play(leg_id=leg_id, audio=audio):
                self.report(PromptFinished(leg_id, f"played {audio.name}"))

    def await_tie(self, leg_id: str, secret: str) -> str:
        self.hold(leg_id, "tie")
        return f"sip:{secret}@127.0.0.1:{self.settings.sip_port}"

    def dial_tie(self, leg_id: str, uri: str) -> None:
        self.hold(leg_id, "tie")
        if self.settings.sip.user_agent != "no ties":
            self.report(LegAnswered(leg_id))

    def leave(self) -> None:
        if self.settings.sip.user_agent != "stubborn":
            os._exit(0)


def main(socket_path: str, token: str) -> None:
    run(StandIn, socket_path, token)
