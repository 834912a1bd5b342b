"""What the core knows of a media engine: its workers' programs, ports and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from config.engines import EngineName, EngineTraits
from config.fields import PortRange
from config.sections.media import Media
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc

#: What a worker is for: ``calls`` carries legs, ``registrar`` keeps the trunks' registrations and carries no
#: leg, ``browser`` connects browsers to the legs in the workers with calls.
Role = Literal["calls", "registrar", "browser"]


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """The settings that workers are started with; without ``webrtc`` no call uses a browser."""

    sip: Sip
    trunks: dict[str, Trunk]
    webrtc: WebRtc | None = None
    media: Media = field(default_factory=Media)
    #: Ports of the registrar's worker that calls leave from, too (``trunks.NAME.one_port``).
    shared_ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PortSet:
    """The ports of one worker. Only the engine knows what each is for."""

    #: No two workers that live at the same time have any of these in common.
    ports: tuple[PortRange, ...]
    #: Workers may have these in common for a while, but it is better if they do not.
    shared: tuple[PortRange, ...] = ()
    #: Places of a lower rank are taken first; of equal rank the one that was unused for the longest time.
    rank: int = 0

    def __str__(self) -> str:
        return ", ".join(
            f"{ports.first}" if ports.first == ports.last else f"{ports.first}-{ports.last}"
            for ports in self.ports
        )

    def shares_with(self, other: PortSet) -> bool:
        """Whether the shared ports of both overlap."""
        return any(
            ours.first <= theirs.last and theirs.first <= ours.last
            for ours in self.shared
            for theirs in other.shared
        )


@dataclass(frozen=True, slots=True)
class Program:
    """What a worker process runs.

    ``main`` is ``package.module.function``, called as ``main(socket_path, token)``: it connects to the core,
    says :class:`~media.protocol.Hello` with the token, and serves the core until the connection ends.
    """

    main: str
    #: ``fork``: from a zygote that has imported the main, in some 20 ms; for engines with many workers. The
    #: import must start no thread and no reactor. ``exec``: by a Python of its own.
    birth: Literal["fork", "exec"] = "fork"


@dataclass(frozen=True, slots=True)
class MediaEngine:
    """One engine."""

    name: EngineName
    traits: EngineTraits
    #: What the workers of each role run; a role that the engine does not have is not here.
    programs: Mapping[Role, Program]
    #: All port_sets where a worker of a role may run by these settings.
    port_sets: Callable[[Role, EngineConfig], Iterable[PortSet]]
    #: What a worker is told at its start, which is at most 4 MiB. It holds passwords.
    settings: Callable[[Role, EngineConfig, PortSet], bytes]
