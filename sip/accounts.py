"""A trunk as PJSUA2 sees it: credentials, proxy, registration, session timers, media, addresses."""

from __future__ import annotations

from dataclasses import dataclass

import pjsua2 as pj

from config.models import Sip, Trunk
from sip.addresses import Address, local_address_for, split_host

#: RTP and RTCP ports that a worker owns; the range counts the last pair's first port.
_PORT_RANGE = 14
#: Where legs between our own processes have their media, whatever ``sip.bind`` says.
LOOPBACK = "127.0.0.1"
#: Smallest Session-Expires (RFC 4028 section 4).
_SHORTEST_SESSION = 90

_SRTP = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "required": pj.PJMEDIA_SRTP_MANDATORY,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where this worker stands, seen from one peer."""

    #: Address that the peer finds us at.
    address: str
    #: Address to bind RTP to; empty for all.
    bind: str
    #: Port that the peer reaches our SIP at, over ``transport``.
    sip_port: int
    rtp_port: int
    transport: str = "udp"
    #: PJSUA2's id of the transport that the account is bound to; None lets PJSIP choose.
    transport_id: int | None = None
    #: Our own processes alone are there: media stays on loopback.
    own: bool = False


def place_for(peer: Address, settings: Sip, sip_port: int, rtp_port: int) -> Place:
    """Our place as this peer sees it: the public address counts only for peers outside our own network."""
    wildcard = settings.bind == "0.0.0.0"  # noqa: S104 - compared, not bound
    own = local_address_for(peer) if wildcard else settings.bind
    public = settings.public_address if peer.is_global else None
    return Place(public or own, "" if wildcard else settings.bind, sip_port, rtp_port)


def plain_account(place: Place) -> pj.AccountConfig:
    """An account for what has no trunk: bare SIP URIs, and ties between workers."""
    config = pj.AccountConfig()
    config.idUri = f"sip:ringback@{place.address}"
    _set_media(config, place)
    _set_contact(config, place, "ringback")
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    return config


def trunk_account(trunk: Trunk, place: Place, peer: Address, *, register: bool) -> pj.AccountConfig:
    """The account that a trunk's legs use; ``register`` makes it REGISTER as well (the registrar alone)."""
    config = pj.AccountConfig()
    user = trunk.username or "ringback"
    config.idUri = f"sip:{user}@{domain_of(trunk)}"
    _set_media(config, place)
    _set_contact(config, place, user)
    config.mediaConfig.srtpUse = _SRTP[trunk.srtp]
    # SDES keys travel in the SDP. That only TLS hides them is the operator's choice to make.
    config.mediaConfig.srtpSecureSignaling = 0
    if trunk.srtp != "off":
        config.mediaConfig.srtpOpt.keyings = _ints(pj.PJMEDIA_SRTP_KEYING_SDES)
    if trunk.session_expires is None:
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    else:
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
        config.callConfig.timerMinSESec = _SHORTEST_SESSION
        config.callConfig.timerSessExpiresSec = max(_SHORTEST_SESSION, round(trunk.session_expires))
    if trunk.username and trunk.password:
        credentials = pj.AuthCredInfo(
            "digest", trunk.realm, trunk.username, 0, trunk.password.get_secret_value()
        )
        config.sipConfig.authCreds.append(credentials)
    hop = split_host(trunk.outbound_proxy or trunk.host)
    if trunk.transport != "tls" and hop.host != str(peer):
        # PJSIP would look the name up itself, and stand still meanwhile: it gets the address that we found,
        # in a route that it obeys but does not write. A TLS peer's name is needed for its certificate.
        port = f":{hop.port}" if hop.port else ""
        address = f"sip:{peer}{port}{_transport_tag(trunk.transport)}"
        config.sipConfig.proxies.append(f"<{address};lr;hide>")
    if trunk.outbound_proxy:
        config.sipConfig.proxies.append(_route(trunk.outbound_proxy, trunk.transport))
    if place.transport_id is not None:
        config.sipConfig.transportId = place.transport_id
    if register:
        registration = config.regConfig
        registration.registrarUri = f"sip:{trunk.host}{_transport_tag(trunk.transport)}"
        registration.timeoutSec = max(1, round(trunk.registration_interval))
        registration.registerOnAdd = True
        # PJSIP never retries after a refusal such as 403: the registrar does all retries itself.
        registration.firstRetryIntervalSec = registration.retryIntervalSec = 0
        registration.unregWaitMsec = 1000
    return config


def awaiting_account(trunk: Trunk, place: Place, peer: Address, user: str) -> pj.AccountConfig:
    """The account of one leg that the trunk's peer is to dial: PJSIP finds it by user and address."""
    config = trunk_account(trunk, place, peer, register=False)
    config.idUri = f"sip:{user}@{place.address}"
    _set_contact(config, place, user)
    config.sipConfig.proxies.clear()
    return config


def uri_at(place: Place, user: str) -> str:
    """Where a peer reaches this user of ours."""
    return f"sip:{user}@{place.address}:{place.sip_port}{_transport_tag(place.transport)}"


def domain_of(trunk: Trunk) -> str:
    """The domain in our addresses on this trunk: its host, without the port."""
    host = split_host(trunk.host).host
    return f"[{host}]" if ":" in host else host


def next_hop_of(trunk: Trunk) -> str:
    """The host that requests on this trunk are sent to."""
    return split_host(trunk.outbound_proxy or trunk.host).host


def _set_media(config: pj.AccountConfig, place: Place) -> None:
    transport = config.mediaConfig.transportConfig
    transport.port, transport.portRange = place.rtp_port, _PORT_RANGE
    transport.boundAddress = LOOPBACK if place.own else place.bind
    transport.publicAddress = LOOPBACK if place.own else place.address
    # No STUN, no ICE and no rewriting after the fact: addresses are decided in place_for.
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sdpNatRewriteUse = 0
    config.natConfig.sipOutboundUse = 0
    config.natConfig.udpKaIntervalSec = 0
    config.mediaConfig.lockCodecEnabled = False


def _set_contact(config: pj.AccountConfig, place: Place, user: str) -> None:
    """Say where this peer reaches us. PJSIP would write the machine's first address, whoever the peer is.

    It does so in Via, and there it does no harm: responses go to where a request came from (RFC 3261 section
    18.2.2, RFC 3581).
    """
    address = f"{place.address}:{place.sip_port}{_transport_tag(place.transport)}"
    config.sipConfig.contactForced = f"<sip:{user}@{address}>"


def _route(proxy: str, transport: str) -> str:
    uri = proxy if proxy.startswith(("sip:", "sips:")) else f"sip:{proxy}"
    uri += "" if ";transport=" in uri else _transport_tag(transport)
    return f"<{uri}{'' if ';lr' in uri else ';lr'}>"


def _transport_tag(transport: str) -> str:
    return "" if transport == "udp" else f";transport={transport}"


def _ints(*values: int) -> pj.IntVector:
    vector = pj.IntVector()
    for value in values:
        vector.append(value)
    return vector
