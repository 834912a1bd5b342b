"""The stand-in for an engine of one process: hundreds of slots, no ties, its own browsers and registrations.

A leg in a browser does what its id says, as :mod:`tests.media.browser_stand_in` has it; a signal is echoed to
the browser. New settings whose user agent is ``refused`` are refused.
"""

from __future__ import annotations

from bridge.commands import Dial, HangUp, MediaCommand
from bridge.events import LegEnded, LegEvent
from config.engines import EngineTraits, WorkerPorts
from config.fields import PortRange
from media.core_link import run
from media.engines.description import EngineConfig, MediaEngine, PortSet, Program, Role
from media.engines.pjsua2 import WorkerSettings
from media.protocol import BrowserLegEnded, Signalled, TrunkRegistered
from routing.plan import BrowserEndpoint, SipEndpoint
from tests.media.stand_in import StandIn
from webrtc.signalling import Bye, write

SLOTS = 200


class SwitchStandIn(StandIn):
    slots = SLOTS

    def __init__(self, reactor: object, token: str) -> None:
        super().__init__(reactor, token)
        self.browsers: set[str] = set()

    def begin(self, told: bytes) -> None:
        super().begin(told)
        self.register()

    def register(self) -> None:
        for name, trunk in self.settings.trunks.items():
            if trunk.registration:
                self.tell(TrunkRegistered(name, registered=True, status=200))

    def configure(self, settings: bytes) -> str:
        told = WorkerSettings.model_validate_json(settings)
        if told.sip.user_agent == "refused":
            return "refused by the test"
        self.settings = told
        self.register()
        return ""

    def perform(self, command: MediaCommand) -> None:
        match command:
            case Dial(leg_id=leg_id, endpoint=BrowserEndpoint(destination=destination, label=label)):
                self.browsers.add(leg_id)
                user = leg_id.split(".")[0]
                super().perform(Dial(leg_id, SipEndpoint(destination, label, f"sip:{user}@browser", None)))
                if leg_id not in self.legs:
                    self.bye(leg_id)
            case HangUp(leg_id=leg_id) if leg_id in self.browsers:
                self.bye(leg_id)
                super().perform(command)
            case _:
                super().perform(command)

    def report(self, event: LegEvent) -> None:
        if isinstance(event, LegEnded):
            self.bye(event.leg_id)
        super().report(event)

    def bye(self, leg_id: str) -> None:
        if leg_id in self.browsers:
            self.browsers.remove(leg_id)
            self.tell(Signalled(leg_id, write(Bye(cause="ended"))))
            self.tell(BrowserLegEnded(leg_id, "ended"))

    def signal(self, leg_id: str, message: str) -> None:
        self.tell(Signalled(leg_id, message))


def main(socket_path: str, token: str) -> None:
    run(SwitchStandIn, socket_path, token)


def port_sets(role: Role, config: EngineConfig) -> list[PortSet]:
    return [PortSet((PortRange(config.sip.ports.first, config.sip.ports.first),))]


def settings(role: Role, config: EngineConfig, port_set: PortSet) -> bytes:
    return WorkerSettings(
        role=role, sip=config.sip, trunks=config.trunks, sip_port=port_set.ports[0].first
    ).dump()


SWITCH = MediaEngine(
    name="pjsua2",  # the table of the tests has no name of its own for it
    traits=EngineTraits(
        slots=SLOTS,
        ties=False,
        calls=WorkerPorts(sip=1, rtp=0),
        registrar=None,
        browsers=None,
        fixed_workers=1,
        reconfigures=True,
        cannot=frozenset({"monitor", "barge"}),
    ),
    programs={"calls": Program("tests.media.switch_stand_in.main", birth="exec")},
    port_sets=port_sets,
    settings=settings,
)
