"""The engine of Sofia-SIP and rtpengine: one process a node, the switch, with hundreds of legs."""

from __future__ import annotations

from collections.abc import Iterator

from config.engines import ENGINES
from config.sections.webrtc import WebRtc
from media.engines.description import EngineConfig, MediaEngine, PortSet, Program, Role
from media.switch_worker import SwitchSettings


def port_sets(role: Role, config: EngineConfig) -> Iterator[PortSet]:
    """All ports of both ranges: the first of ``sip.ports`` is that of UDP and TCP, TLS has the next ones."""
    if role == "calls":
        yield PortSet((config.sip.ports, config.sip.rtp_ports))


def settings(role: Role, config: EngineConfig, ports: PortSet) -> bytes:
    """The :class:`SwitchSettings` of the switch."""
    webrtc = (config.webrtc or WebRtc()).model_copy(update={"stun": (), "turn": (), "turn_secret": None})
    keep_calls = config.media.keep_calls
    return SwitchSettings(sip=config.sip, trunks=config.trunks, webrtc=webrtc, keep_calls=keep_calls).dump()


RTPENGINE = MediaEngine(
    name="rtpengine",
    traits=ENGINES["rtpengine"],
    programs={"calls": Program("media.rtpengine_worker.main", birth="exec")},
    port_sets=port_sets,
    settings=settings,
)
