"""A browser worker without browsers: it speaks the worker protocol, and does what the leg's id says.

A leg ``answer.1`` is dialled as user ``answer``, which is for the phone worker's stand-in to obey. ``slow.1``
opens after 0.2 s, ``never.1`` does not open, ``refused.1`` is refused, ``left.1`` is dialled as ``busy`` once
its browser has declined, ``crash-browser.1`` kills the worker. A candidate is echoed to the browser.
"""

from __future__ import annotations

import os
import signal

from twisted.internet import defer, task

from media.core_link import CoreLink, run
from media.engines.pjsua2 import WorkerSettings
from media.protocol import BrowserLegEnded, Ready, Signalled, WorkerRefusedError
from webrtc.signalling import Bye, write

SLOW = 0.2


class BrowserStandIn(CoreLink):
    def __init__(self, reactor: object, token: str) -> None:
        super().__init__(reactor, token)
        self.legs: set[str] = set()

    def begin(self, settings: bytes) -> None:
        self.settings = WorkerSettings.model_validate_json(settings)
        assert self.settings.role == "browser"
        broken = self.settings.webrtc.bind_address == "broken"
        self.tell(Ready("broken by the test" if broken else ""))

    def disconnected(self) -> None:
        os._exit(0)

    def open_leg(self, leg_id: str, codecs: tuple[str, ...], audio: str) -> str | defer.Deferred[str]:
        user = leg_id.split(".")[0]
        if user == "refused" or not codecs:
            raise WorkerRefusedError("no")
        self.legs.add(leg_id)
        if user == "never":
            return defer.Deferred()
        if user == "crash-browser":
            self.reactor.callLater(0.02, os.kill, os.getpid(), signal.SIGKILL)
        if user == "left":
            user = "busy"
            self.end(leg_id, "declined")
        uri = f"sip:{user}@127.0.0.1:{self.settings.sip_port};codecs={','.join(codecs)};audio={audio}"
        return task.deferLater(self.reactor, SLOW, lambda: uri) if user == "slow" else uri

    def close_leg(self, leg_id: str) -> None:
        if leg_id in self.legs:
            self.end(leg_id, "ended")

    def end(self, leg_id: str, cause: str) -> None:
        self.legs.remove(leg_id)
        self.tell(Signalled(leg_id, write(Bye(cause="ended"))))
        self.tell(BrowserLegEnded(leg_id, cause))

    def signal(self, leg_id: str, message: str) -> None:
        self.tell(Signalled(leg_id, message))

    def leave(self) -> None:
        os._exit(0)


def main(socket_path: str, token: str) -> None:
    run(BrowserStandIn, socket_path, token)
