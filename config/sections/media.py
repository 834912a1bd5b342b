"""The section ``media``: the engine and its workers; and the ports that all parts share.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import Model
from config.draft import Draft
from config.engines import ENGINES, EngineName, EngineTraits
from config.fields import HOUR, Seconds
from config.marks import Usual
from config.section import Section
from config.sections.agents import Agent
from config.sections.one_port import ports_wanted
from config.sections.server import Server
from config.sections.sip import Sip
from config.sections.sites import Site, uses_browsers
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc


class Media(Model):
    """The media engine and its workers, the processes that carry the legs of calls."""

    engine: EngineName = "pjsua2"
    """The software that speaks SIP and carries audio ([which to choose](engines.md)). `pjsua2` needs no
    system packages; each of its workers carries four legs. `rtpengine` carries every leg in one process, with
    Debian's `rtpengine-daemon` and `libsofia-sip-ua0`. A change takes effect with a restart."""
    max_workers: Annotated[int, Field(ge=1, le=500)] = 64
    """The most media workers of `pjsua2` at once; each carries two calls, or one where agents may pass calls
    on."""
    spare_workers: Annotated[int, Field(ge=0, le=64)] = 4
    """Idle workers of `pjsua2` kept ready, so that a click never waits for a process to start."""
    most_legs: Annotated[int, Field(ge=4, le=4000)] = 400
    """The most legs of `rtpengine` at once: two for a bridged call, one for each phone that rings. Each takes
    four of `sip.rtp_ports`. A call that finds no room is refused with 503 and `Retry-After`. A change takes
    effect with a restart."""

    keep_calls: Annotated[
        Seconds,
        Usual(10, "a restart may take longer", HOUR, "calls go on for that long that nobody sees"),
    ] = 300.0
    """How long bridged calls of `rtpengine` go on when the server's process has died and no other has come in
    its place; then they are ended ([more](engines.md#when-the-server-dies))."""

    @property
    def traits(self) -> EngineTraits:
        """What the engine can do and needs, by these settings."""
        return ENGINES[self.engine].with_legs(self.most_legs)


def check_ports(draft: Draft) -> None:
    """Problems of workers and ports that do not fit together."""
    sip, media = draft.section(Sip), draft.section(Media)
    webrtc, server = draft.section(WebRtc), draft.section(Server)
    if not sip or not media:
        return
    here = draft.written(("media", "spare_workers"), ("media", "max_workers"), ("media",))
    if media.spare_workers > media.max_workers:
        draft.wrong(here, f"more spare workers than max_workers, {media.max_workers}: lower it")
    browsers = uses_browsers(draft.items(Agent), draft.items(Site).values())
    needs = media.traits.ports(media.max_workers, webrtc.workers if browsers and webrtc else 0)
    fixed = media.traits.fixed_workers is not None
    further = max(0, ports_wanted(draft.items(Trunk).values()) - 1)
    for name, ports, needed in (
        ("ports", sip.ports, needs.sip + further),
        ("rtp_ports", sip.rtp_ports, needs.rtp),
    ):
        have = ports.last - ports.first + 1
        if have < needed:
            draft.wrong(
                draft.written(
                    ("sip", name), ("media", "most_legs" if fixed else "max_workers"), ("sip", name)
                ),
                f"{have} ports are too few: {_needs(media)} needs {needed}; "
                f"extend the range, or lower {'most_legs' if fixed else 'max_workers'}",
            )
    if sip.ports.first <= sip.rtp_ports.last and sip.rtp_ports.first <= sip.ports.last:
        here = draft.written(("sip", "rtp_ports"), ("sip", "ports"))
        draft.wrong(here, "sip.ports and sip.rtp_ports overlap: give each a range of its own")
    if server and sip.ports.first <= server.listen_address.port <= sip.ports.last:
        here = draft.written(("server", "listen_address"), ("sip", "ports"))
        draft.wrong(here, "the HTTP port is within sip.ports: change one of the two")


def _needs(media: Media) -> str:
    if media.traits.fixed_workers is not None:
        return f"the engine {media.engine} with most_legs {media.most_legs}"
    return f"max_workers {media.max_workers}"


MEDIA = Section(checks=(check_ports,))
