"""Sofia's agents of this process: where it listens, which peers it hears, and our address as each sees it."""

from __future__ import annotations

import re
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from bridge.tracing import TraceWish
from config.sections.sip import Sip
from config.sections.trunks import Tls
from sip import firewall
from sip.addresses import ours_toward
from sip.firewall import AllowedNetwork
from sip.gate.message import MalformedError, Message, parse
from sip.journal import note
from sip.requests import transport_tag
from sip.targets import Transport
from switch.sofia import Event, Handle, Sofia, SofiaAgent
from switch.tracing import SofiaTaps

Address = IPv4Address | IPv6Address
#: Called with an INVITE outside of any dialog: the user part that it is for decides.
Invited = Callable[[Handle, int, Message], None]

_LOCAL = re.compile(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL")
_METHODS = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO"
#: Port of TLS, beside that of UDP and TCP; one more for each further set of certificates.
_TLS_AFTER = 1


class StackError(Exception):
    """The SIP stack cannot start; the text says what the operator can do."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a peer meets us."""

    agent: SofiaAgent
    #: Our address and port as the peer sees them.
    shown: str
    port: int
    transport: Transport

    def uri(self, user: str) -> str:
        """Where the peer reaches this user of ours."""
        return f"sip:{user}@{bracketed(self.shown)}:{self.port}{transport_tag(self.transport)}"


class SofiaStack:
    """Opens an agent for each address of ours, and each set of certificates, when it is first needed."""

    def __init__(self, sofia: Sofia, settings: Sip, invited: Invited, taps: SofiaTaps) -> None:
        self._sofia = sofia
        self._taps = taps
        self._settings = settings
        self._invited = invited
        self._agents: dict[tuple[str, Tls | None], tuple[SofiaAgent, int]] = {}
        self._program = firewall.build_program(())
        self._next_tls = settings.ports.first + _TLS_AFTER

    @property
    def ports(self) -> list[int]:
        """The ports that are open."""
        return [port for _, port in self._agents.values()]

    def begin(self) -> None:
        """Listen where the settings say; :class:`StackError` where that cannot be."""
        bind = self._settings.bind_address
        try:
            self._agent(local_address() if bind in ("0.0.0.0", "::") else bind, None)  # noqa: S104
        except OSError as error:
            raise StackError(
                f"SIP port {self._settings.ports.first} on {bind} cannot be opened ({error}): another "
                "program has it, or sip.bind_address is no address of this machine; choose other sip.ports"
            ) from error

    def rename(self, settings: Sip) -> None:
        """Take settings that differ in the User-Agent alone."""
        self._settings = settings
        for agent, _ in self._agents.values():
            agent.set(siptag_user_agent_str=settings.user_agent)

    def door(self, peer: Address, transport: Transport, tls: Tls) -> Door:
        """Where this peer meets us; OSError where we cannot listen there."""
        ours = ours_toward(peer, self._settings)
        # A public address may be one of this machine's, or that of a NAT before it.
        here = ours.shown != ours.bound and ours.shown in local_addresses()
        agent, port = self._agent(ours.shown if here else ours.bound, tls if transport == "tls" else None)
        return Door(agent, ours.shown, port, transport)

    def listen_for(self, wish: TraceWish) -> None:
        """Show these messages from now on."""
        self._taps.listen_for(wish)

    def hear_only(self, sources: Iterable[AllowedNetwork]) -> None:
        """Let in what comes of these, and nothing else: a stranger gets no answer at all."""
        self._program = firewall.build_program(sources)
        for agent, _ in self._agents.values():
            self._shield(agent)

    def _agent(self, address: str, tls: Tls | None) -> tuple[SofiaAgent, int]:
        key = (address, tls)
        if key not in self._agents:
            port = self._settings.ports.first
            if tls is not None:
                port, self._next_tls = self._next_tls, self._next_tls + 1
                if port > self._settings.ports.last:
                    raise OSError("sip.ports has no port left for another set of TLS certificates")
            agent = self._open(address, port, tls)
            self._agents[key] = (agent, port)
            self._taps.tap(agent, (address, port))
        return self._agents[key]

    def _open(self, address: str, port: int, tls: Tls | None) -> SofiaAgent:
        where = f"{bracketed(address)}:{port}"
        if tls is None:
            check_free(address, port)
            agent = self._sofia.open(f"sip:{where}", self._strange)
        else:
            check_free(address, port, udp=False)
            agent = self._sofia.open(
                f"sips:{where}",
                self._strange,
                nutag_certificate_dir=certificate_folder(tls),
                tptag_tls_version=0,
                tptag_tls_verify_policy=_VERIFY_OUTGOING if tls.verify_certificate else 0,
            )
        self._shield(agent)
        agent.set(
            nutag_media_enable=0,
            nutag_autoack=1,
            nutag_autoalert=0,
            nutag_autoanswer=0,
            # By default it would dial whatever a redirection names (RFC 3261 section 21.3).
            nutag_auto302=0,
            nutag_auto305=0,
            nutag_appl_method="INVITE, UPDATE",
            # Without REFER: it would be accepted.
            siptag_allow_str=_METHODS,
            siptag_user_agent_str=self._settings.user_agent,
            nutag_min_se=90,
            # A peer that says 100 is there (RFC 3261 section 13.3.1.1).
            ntatag_pass_100=1,
            nutag_outbound="no-options-keepalive no-outbound no-validate no-natify",
            nutag_path_enable=0,
            nutag_service_route_enable=0,
        )
        return agent

    def _shield(self, agent: SofiaAgent) -> None:
        for fd in agent.sockets:
            try:
                firewall.attach(fd, self._program)
            except OSError as error:
                note("firewall_refused", "error", reason=error)

    def _strange(self, handle: Handle, event: Event) -> None:
        """A request outside of every dialog: an INVITE may be awaited; the rest is refused."""
        invite = None
        if event.name == "i_invite" and event.text:
            try:
                invite = parse(event.text)
            except MalformedError as error:
                note("invite_unreadable", "info", reason=error)
        if invite is None:
            handle.destroy()
        else:
            self._invited(handle, event.request, invite)


#: TPTLS_VERIFY_SUBJECTS_OUT of tport_tag.h: the certificate of the peer that we connect to, and its name.
_VERIFY_OUTGOING = 0x0A


def bracketed(address: str) -> str:
    """An address as it stands in a URI."""
    return f"[{address}]" if ":" in address else address


def local_addresses() -> tuple[str, ...]:
    """All IPv4 addresses of this machine but loopback's, by the kernel's routes (proc_pid_net(5))."""
    found = _LOCAL.findall(Path("/proc/self/net/fib_trie").read_text())
    return tuple(dict.fromkeys(one for one in found if not one.startswith("127.")))


def local_address(toward: str = "192.0.2.1") -> str:
    """The address that the kernel sends from to a host, by default to the world; else loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((toward, 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def check_free(address: str, port: int, *, udp: bool = True) -> None:
    """Raise what the system says where a port is taken: Sofia would tell nothing, or take half of it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM) if udp else (socket.SOCK_STREAM,):
        with socket.socket(family, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))


def certificate_folder(tls: Tls) -> str:
    """Sofia's way of certificates: a folder with ``cafile.pem`` and ``agent.pem``, for our eyes alone."""
    folder = Path(tempfile.mkdtemp(prefix="ringback-tls-"))
    trusted = tls.ca_file or Path(
        ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    )
    (folder / "cafile.pem").write_bytes(trusted.read_bytes())
    if tls.certificate_file is not None:
        parts = [tls.certificate_file.read_bytes()]
        if tls.key_file is not None:
            parts.append(tls.key_file.read_bytes())
        own = folder / "agent.pem"
        own.touch(mode=0o600)
        own.write_bytes(b"\n".join(parts))
    return str(folder)
