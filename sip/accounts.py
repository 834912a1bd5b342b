"""A trunk's account in PJSUA2: credentials, proxy, registration, session timers, media, addresses."""

from __future__ import annotations

from dataclasses import dataclass

import pjsua2 as pj

from config.sections.sip import Sip
from config.sections.trunks import Trunk
from sip.addresses import Address, ours_toward
from sip.gate.calls import Hop
from sip.gate.digest import Credentials
from sip.requests import domain_of, next_hop_of, route_of, transport_tag

#: RTP and RTCP ports that a worker owns; the range counts the last pair's first port.
_PORT_RANGE = 14
#: Media between our own processes is here, whatever ``sip.bind_address`` is.
LOOPBACK = "127.0.0.1"
#: Smallest Session-Expires (RFC 4028 section 4).
_SHORTEST_SESSION = 90

_SRTP = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "required": pj.PJMEDIA_SRTP_MANDATORY,
}


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """The addresses of this worker for one peer."""

    #: Address where the peer reaches us.
    address: str
    #: Address to bind RTP to; empty for all.
    bind: str
    #: Port where the peer reaches our SIP, over ``transport``.
    sip_port: int
    rtp_port: int
    transport: str = "udp"
    #: Whether the peer is one of our own processes, whose media stays on loopback.
    own: bool = False
    #: The gate's port on loopback, where PJSIP sends everything.
    gate_port: int = 0


def own_address_for(peer: Address, settings: Sip, sip_port: int, rtp_port: int) -> OwnAddress:
    """Our addresses for this peer: the public address is only for peers outside our own network."""
    wildcard = settings.bind_address == "0.0.0.0"  # noqa: S104 - compared, not bound
    bound = "" if wildcard else settings.bind_address
    return OwnAddress(ours_toward(peer, settings).shown, bound, sip_port, rtp_port)


def plain_account(place: OwnAddress) -> pj.AccountConfig:
    """An account for calls without a trunk: to bare SIP URIs, and ties between workers."""
    config = pj.AccountConfig()
    config.idUri = f"sip:ringback@{place.address}"
    _set_media(config, place)
    _set_contact(config, place, "ringback")
    _set_gate(config, place)
    return config


def trunk_account(trunk: Trunk, place: OwnAddress, *, register: str = "") -> pj.AccountConfig:
    """The account that a trunk's legs use; ``register`` makes it REGISTER as well (the registrar alone).

    It is the word by which the gate knows where the REGISTER goes.
    """
    config = pj.AccountConfig()
    user = trunk.username or "ringback"
    config.idUri = f"sip:{user}@{domain_of(trunk)}"
    _set_media(config, place)
    _set_contact(config, place, user)
    config.mediaConfig.srtpUse = _SRTP[trunk.srtp]
    # SDES keys are in the SDP, which only TLS hides; that is the operator's choice.
    config.mediaConfig.srtpSecureSignaling = 0
    if trunk.srtp != "off":
        config.mediaConfig.srtpOpt.keyings = _ints(pj.PJMEDIA_SRTP_KEYING_SDES)
    _set_gate(config, place)
    if register:
        registration = config.regConfig
        registration.registrarUri = f"sip:{trunk.host}"
        registration.headers.append(hop_header(register))
        registration.timeoutSec = max(1, round(trunk.registration_interval))
        registration.registerOnAdd = True
        # PJSIP never retries after a refusal such as 403: the registrar does all retries itself.
        registration.firstRetryIntervalSec = registration.retryIntervalSec = 0
        registration.unregWaitMsec = 1000
    return config


def awaiting_account(trunk: Trunk, place: OwnAddress, user: str) -> pj.AccountConfig:
    """The account of one leg that the trunk's peer dials; PJSIP finds it by user and address."""
    config = trunk_account(trunk, place)
    config.idUri = f"sip:{user}@{place.address}"
    _set_contact(config, place, user)
    return config


def hop_for(
    trunk: Trunk, place: OwnAddress, peer: Address, uri: str, port: int | None, leg_id: str = ""
) -> Hop:
    """How a trunk's requests leave the gate; ``peer`` and ``port`` are those of the next hop."""
    who = None
    if trunk.username and trunk.password:
        who = Credentials(trunk.username, trunk.password.get_secret_value(), trunk.realm)
    return Hop(
        uri,
        str(peer),
        port or (5061 if trunk.transport == "tls" else 5060),
        trunk.transport,
        next_hop_of(trunk),
        trunk.tls,
        route_of(trunk),
        nat=trunk.nat,
        credentials=who,
        local_address=place.address,
        leg_id=leg_id,
        session_expires=None
        if trunk.session_expires is None
        else max(_SHORTEST_SESSION, round(trunk.session_expires)),
        front=trunk.shares_port,
    )


def hop_header(word: str) -> pj.SipHeader:
    """The header that tells the gate a request's hop; the gate removes it."""
    made = pj.SipHeader()
    made.hName, made.hValue = "X-Ringback-Hop", word
    return made


def uri_at(place: OwnAddress, user: str) -> str:
    """The URI where a peer reaches this user."""
    return f"sip:{user}@{place.address}:{place.sip_port}{transport_tag(place.transport)}"


def _set_media(config: pj.AccountConfig, place: OwnAddress) -> None:
    transport = config.mediaConfig.transportConfig
    transport.port, transport.portRange = place.rtp_port, _PORT_RANGE
    transport.boundAddress = LOOPBACK if place.own else place.bind
    transport.publicAddress = LOOPBACK if place.own else place.address
    # No STUN, no ICE and no rewriting after the fact: addresses are decided in own_address_for.
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sdpNatRewriteUse = 0
    config.natConfig.sipOutboundUse = 0
    config.natConfig.udpKaIntervalSec = 0
    config.mediaConfig.lockCodecEnabled = False


def _set_gate(config: pj.AccountConfig, place: OwnAddress) -> None:
    """Send everything to the gate, which keeps session timers and answers challenges."""
    config.sipConfig.proxies.append(f"<sip:127.0.0.1:{place.gate_port};lr;hide>")
    # The gate replaces what these write.
    config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", "gate", 0, "gate"))
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE


def _set_contact(config: pj.AccountConfig, place: OwnAddress, user: str) -> None:
    """Set where this peer reaches us; else PJSIP writes the machine's first address for every peer."""
    address = f"{place.address}:{place.sip_port}{transport_tag(place.transport)}"
    config.sipConfig.contactForced = f"<sip:{user}@{address}>"


def _ints(*values: int) -> pj.IntVector:
    vector = pj.IntVector()
    for value in values:
        vector.append(value)
    return vector
