"""The engine of pjsua2 and aiortc: phone workers of four legs, a registrar, and browser workers."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from config.engines import ENGINES
from config.fields import PortRange
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.browser_choices import carve
from media.engines.description import EngineConfig, MediaEngine, PortSet, Program, Role

_TRAITS = ENGINES["pjsua2"]
SLOTS = _TRAITS.slots


class WorkerSettings(BaseModel):
    """The settings of one worker of this engine, with its own ports. They contain trunk passwords."""

    model_config = ConfigDict(frozen=True)

    role: Role
    sip: Sip
    trunks: dict[str, Trunk]
    sip_port: int
    #: First of the worker's RTP ports. A browser worker has none: its RTP toward phone workers takes any free
    #: port of loopback.
    rtp_port: int = 0
    #: Ports of the registrar's worker that calls leave from, too. The other workers reach it by the Unix
    #: socket ``front``, beside the core's.
    shared_ports: tuple[int, ...] = ()
    #: Whether the core wants to be told of dialogs (:class:`media.protocol.DialogNoted`).
    tell_dialogs: bool = False
    #: For a browser worker alone.
    webrtc: WebRtc = WebRtc()

    def dump(self) -> bytes:
        """JSON with the passwords, for our own worker only."""
        return self.model_dump_json(context={"reveal": True}, exclude_defaults=True).encode()


def port_sets(role: Role, config: EngineConfig) -> Iterator[PortSet]:
    """A SIP port and a block of RTP ports by the same index; for a browser worker, a SIP and media ports.

    Browser workers take SIP ports from the end of the range, where no phone worker's RTP ports are lost.
    """
    sip = config.sip
    if role == "browser":
        webrtc = config.webrtc or WebRtc()
        shares = carve(webrtc.media_ports, webrtc.workers)
        for rank, port in enumerate(range(sip.ports.last, sip.ports.first - 1, -1)):
            if port in config.shared_ports:
                continue
            for share in shares:
                yield PortSet((PortRange(port, port),), shared=(share,), rank=rank)
        return
    block = _TRAITS.calls.rtp
    for port, rtp in zip(
        range(sip.ports.first, sip.ports.last + 1),
        range(sip.rtp_ports.first, sip.rtp_ports.last - block + 2, block),
        strict=False,
    ):
        if role == "registrar" and config.shared_ports:
            if port == config.shared_ports[0]:
                yield PortSet((PortRange(port, port), PortRange(rtp, rtp + block - 1)))
        elif port not in config.shared_ports:
            yield PortSet((PortRange(port, port), PortRange(rtp, rtp + block - 1)))


def settings(role: Role, config: EngineConfig, port_set: PortSet) -> bytes:
    """The :class:`WorkerSettings` of a worker."""
    sip_port = port_set.ports[0].first
    if role == "browser":
        webrtc = (config.webrtc or WebRtc()).model_copy(update={"media_ports": port_set.shared[0]})
        return WorkerSettings(role=role, sip=config.sip, trunks={}, sip_port=sip_port, webrtc=webrtc).dump()
    return WorkerSettings(
        role=role,
        sip=config.sip,
        trunks=config.trunks,
        sip_port=sip_port,
        rtp_port=port_set.ports[1].first,
        shared_ports=config.shared_ports,
        tell_dialogs=role == "calls",
    ).dump()


PJSUA2 = MediaEngine(
    name="pjsua2",
    traits=_TRAITS,
    programs={
        "calls": Program("media.phone_worker.main"),
        "registrar": Program("media.phone_worker.main"),
        "browser": Program("media.browser_worker.main"),
    },
    port_sets=port_sets,
    settings=settings,
)
