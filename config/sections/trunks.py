"""The section ``trunks``: SIP peers through which calls leave.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import phonenumbers
from pydantic import Field

from config.base import E164, Codec, Country, DialPrefix, Model, Network, PeerHost, ProxyHost
from config.checks.addresses import port_of
from config.checks.files import check_tls_file
from config.checks.time_zones import check_time_zones
from config.draft import Draft
from config.fields import Seconds, Secret
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.spend import TrunkSpend

#: How a number is written toward a peer.
NumberFormat = Literal["e164", "digits", "national"]
_TLS_FILES = ("ca_file", "certificate_file", "key_file")


class Tls(Model):
    """Certificates of a TLS trunk."""

    verify_certificate: bool = True
    """Whether the peer's certificate must be valid and bear its name."""
    ca_file: Path | None = None
    """PEM file of the authorities that are believed; without one, the system's."""
    certificate_file: Path | None = None
    """PEM file of our own certificate, where the peer asks for one."""
    key_file: Path | None = None
    """PEM file of that certificate's private key; not readable for everybody."""


class CallerId(Model):
    """The number, and perhaps the name, shown on a phone that Ringback rings."""

    number: E164
    """The number shown."""
    name: str | None = None
    """The name shown, where the phone's network passes it on."""


class Trunk(Model):
    """A SIP peer through which calls leave: a carrier or an existing PBX."""

    host: PeerHost
    """Host, or host:port, of the peer: the domain of the request URI."""
    transport: Literal["udp", "tcp", "tls"] = "udp"
    """How SIP travels to the peer."""
    tls: Tls = Tls()
    """Certificates, where `transport` is `tls`."""
    username: str | None = None
    """Name for digest authentication; needs a password."""
    password: Secret | None = None
    """Password for digest authentication."""
    realm: str = "*"
    """The realm that may ask for the password; `*` is any."""
    registration: bool = False
    """Whether to REGISTER (RFC 3261 section 10), which some carriers ask for before they take a call."""
    registration_interval: Annotated[Seconds, Field(ge=1)] = 300.0
    """How often to register again."""
    one_port: bool = True
    """Whether the calls of a trunk with `registration` leave from the port, or connection, that registered,
    with its Contact, as many carriers ask. If not, from the ports of the workers that carry them."""
    outbound_proxy: ProxyHost | None = None
    """A proxy that every request goes through first, as a loose route."""
    nat: bool = False
    """Whether the peer stands behind NAT and names addresses that nobody reaches: what follows within a call
    then goes to where its messages come from, and not to its Contact."""
    addresses: tuple[Network, ...] = ()
    """Further networks this peer sends SIP from; requests from anywhere else get no answer. Where any are
    listed, RTP too is heard from them, from the host and from where the SDP says alone: list the carrier's
    media gateways if their SDP does not name the address that they send from."""
    codecs: Annotated[tuple[Codec, ...], Field(min_length=1)] = ("PCMU", "PCMA", "G722")
    """Codecs offered, the best first."""
    srtp: Literal["off", "optional", "required"] = "off"
    """Whether audio is encrypted (SDES, RFC 4568); its keys are only secret where `transport` is `tls`."""
    dtmf: Literal["rfc4733", "info"] = "rfc4733"
    """How keypresses are sent: in RTP (RFC 4733), or in SIP INFO, which a far side also gets whose SDP has no
    telephone-event. Both are always heard, and tones in the audio where such a far side is asked for one."""
    session_expires: Annotated[Seconds, Field(ge=90)] | None = 1800.0
    """Session-Expires (RFC 4028); null turns session timers off."""
    caller_id: CallerId | None = None
    """The trunk's own number: shown where a call has none, and asserted (P-Asserted-Identity, RFC 3325) where
    a call shows another, such as the shopper's."""
    asserted_identity: Literal["auto", "always", "never"] = "auto"
    """When an INVITE has a P-Asserted-Identity: `auto` where From does not show the trunk's own number,
    `always`, or `never`. It names the trunk's `caller_id`, or else the number that the call shows."""
    from_user: Literal["caller", "account"] = "caller"
    """Who stands in From: the `caller` that the call shows, or the `account` (`username`), which some
    carriers insist on; the caller is then in P-Asserted-Identity."""
    privacy: Literal["none", "id"] = "none"
    """`id` withholds the caller's number from the person who is called: From is anonymous, and `Privacy: id`
    asks the carrier not to pass on the P-Asserted-Identity (RFC 3323, RFC 3325)."""
    number_format: NumberFormat = "e164"
    """How a number is written in the request URI, after the prefix: +16175550100 (`e164`), 16175550100
    (`digits`), or as it is dialled in `country` (`national`): with the national prefix, or for other
    countries the international one."""
    caller_format: NumberFormat = "e164"
    """How the caller's number is written, likewise."""
    country: Country | None = None
    """The country that `national` numbers are dialled in."""
    national_prefix: DialPrefix | None = None
    """What stands before a national number; without it the country's own, such as 0 in Germany.
    `""`: nothing."""
    international_prefix: DialPrefix | None = None
    """What stands before the country code of other countries' numbers; without it the country's own, such as
    00 in Germany and 011 in the United States."""
    spend: TrunkSpend | None = None
    """What legs through this trunk cost, and may cost a day."""
    number_prefix: DialPrefix = ""
    """Dialled before the number, such as the 9 of an outside line."""
    user_phone: bool = False
    """Whether URIs that are numbers say so: `;user=phone` (RFC 3261 section 19.1.1)."""
    response_timeout: Annotated[Seconds, Field(ge=0.5, le=32)] = 4.0
    """How long a call waits for the peer's first response, such as 100 Trying, before it goes to the peer's
    next address, then to the next of the `backup_trunks`. A refused connection is noticed at once."""
    ping_interval: Annotated[Seconds, Field(ge=5)] | None = None
    """How often to ask the peer whether it is there, by OPTIONS; without it, only calls and registrations
    tell. A trunk that does not answer is tried last."""

    @property
    def shares_port(self) -> bool:
        """Whether its calls leave from the port of its registration."""
        return self.registration and self.one_port


def check_trunks(draft: Draft) -> None:
    """Problems and warnings of trunks: their credentials, certificates, and ways with numbers and callers."""
    for name, trunk in draft.items(Trunk).items():
        loc: Loc = ("trunks", name)
        _trunk(draft, loc, trunk)
        _numbers(draft, loc, trunk)
        _caller(draft, loc, trunk)
    for name in _TLS_FILES:
        for here, path in draft.at(("trunks", "*", "tls", name)):
            check_tls_file(draft, here, Path(path))
    check_time_zones(draft, ("trunks", "*", "spend", "time_zone"))


def _trunk(draft: Draft, loc: Loc, trunk: Trunk) -> None:
    if port_of(trunk.host) > 65535:
        draft.wrong((*loc, "host"), "the port must be at most 65535")
    secret = draft.written((*loc, "password_file"), (*loc, "password_env"), loc)
    if trunk.username and not trunk.password:
        draft.wrong((*loc, "username"), 'a username needs a password: add "password_file" or "password_env"')
    if trunk.password and not trunk.username:
        draft.wrong(secret, 'a password needs a username: add "username"')
    if trunk.registration and not (trunk.username and trunk.password):
        draft.wrong(
            (*loc, "registration"), 'registering needs "username", and "password_file" or "password_env"'
        )
    if draft.source.find((*loc, "one_port")) and trunk.one_port and not trunk.registration:
        draft.wrong(
            (*loc, "one_port"),
            "calls can only leave from the port of a registration: add registration: true, or leave it out",
        )
    if trunk.transport == "tls":
        if not trunk.tls.verify_certificate:
            draft.doubtful(
                (*loc, "tls", "verify_certificate"),
                "the peer's certificate is not checked: anyone can impersonate it",
            )
    else:
        if trunk.srtp != "off":
            draft.doubtful((*loc, "srtp"), "the SRTP keys are sent unencrypted: set transport to tls")
        if draft.source.find((*loc, "tls")):
            draft.doubtful((*loc, "tls"), f"has no effect while transport is {trunk.transport}")
    for have, lack in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
        if getattr(trunk.tls, have) and not getattr(trunk.tls, lack):
            draft.wrong((*loc, "tls", have), f'needs "{lack}": add it')


def _numbers(draft: Draft, loc: Loc, trunk: Trunk) -> None:
    if _is_ipv6(trunk.host) and trunk.outbound_proxy is None:
        draft.wrong((*loc, "host"), "SIP is IPv4 only (PJSIP has no IPv6): write a name or an IPv4 address")
    national = "national" in (trunk.number_format, trunk.caller_format)
    if national and trunk.country is None:
        here = (*loc, "number_format" if trunk.number_format == "national" else "caller_format")
        draft.wrong(here, 'national numbers need a country: add "country", such as country: DE')
    elif trunk.country is not None and trunk.country not in phonenumbers.SUPPORTED_REGIONS:
        draft.wrong(
            (*loc, "country"),
            f'"{trunk.country}" is not a country with telephones: write its ISO 3166-1 code, such as US or '
            "GB",
        )
    if not national:
        for name in ("country", "national_prefix", "international_prefix"):
            if getattr(trunk, name) is not None:
                draft.doubtful(
                    (*loc, name), "has no effect: neither number_format nor caller_format is national"
                )


def _is_ipv6(host: str) -> bool:
    return host.startswith("[")


def _caller(draft: Draft, loc: Loc, trunk: Trunk) -> None:
    if trunk.from_user == "account" and not trunk.username:
        draft.wrong((*loc, "from_user"), 'there is no account to send: add "username"')
    if trunk.privacy == "id" and trunk.from_user == "account":
        draft.wrong(
            (*loc, "privacy"),
            "makes From anonymous, but from_user puts the account there: keep one of the two",
        )
    if trunk.asserted_identity == "never":
        if trunk.privacy == "id":
            draft.doubtful(
                (*loc, "asserted_identity"),
                "with privacy, only P-Asserted-Identity tells the carrier who calls: it may reject the call",
            )
        elif trunk.from_user == "account":
            draft.doubtful(
                (*loc, "asserted_identity"),
                "with from_user: account no header has the caller's number: phones show the account",
            )


def check_backups(
    draft: Draft, loc: Loc, trunk: str | None, backups: Sequence[str], *, needs_trunk: bool = True
) -> None:
    """Problems of a list of trunks that stand in for ``trunk``."""
    if backups and trunk is None and needs_trunk:
        draft.wrong((*loc, "backup_trunks"), 'needs "trunk", which is tried first: add it')
    for index, name in enumerate(backups):
        here = (*loc, "backup_trunks", index)
        if name == trunk:
            draft.wrong(here, "this is the trunk itself, which is tried first: name another, or remove it")
        elif name in backups[:index]:
            draft.wrong(here, "this trunk is here twice: remove one")


def check_secure(draft: Draft, loc: Loc, sip: str | None, backups: Sequence[str]) -> None:
    """Problems of stand-in trunks without TLS, where the URI asks for it."""
    if not (sip or "").startswith("sips:"):
        return
    for index, name in enumerate(backups):
        trunk = draft.items(Trunk).get(name)
        if trunk is not None and trunk.transport != "tls":
            draft.wrong((*loc, "backup_trunks", index), "sips: needs trunks whose transport is tls")


TRUNKS = Section(checks=(check_trunks,), unused=UNUSED)
