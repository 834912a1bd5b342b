"""The settings as frozen models: what an operator may write, with the defaults they get."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from config.fields import HostPort, Limit, Listen, PortRange, Ports, Seconds, Secret, Window

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Codec = Literal["PCMU", "PCMA", "G722"]
Network = IPv4Network | IPv6Network


class Model(BaseModel):
    """Base of every settings model: frozen, strict, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Server(Model):
    """The core process: its HTTP side, its database, how it stops."""

    listen: Listen = HostPort("127.0.0.1", 8080)
    database: Path = Path("ringback.sqlite3")
    #: Key of the operator's side of the API (CDRs, live calls, reload); without one that side is closed.
    admin_key: Secret | None = None
    #: Proxies whose X-Forwarded-For is believed.
    trusted_proxies: tuple[Network, ...] = ()
    #: How long a stopping server waits for live calls to end by themselves.
    drain_timeout: Seconds = 60.0
    log_format: Literal["json", "console"] = "json"


class Sip(Model):
    """The SIP and RTP side of this node. A change takes effect with the next media worker."""

    bind: str = "0.0.0.0"  # noqa: S104 - trunks live outside this machine; unknown sources are dropped
    #: The address that others see, where this node stands behind 1:1 NAT.
    public_address: str | None = None
    ports: Ports = PortRange(5100, 5399)
    rtp_ports: Ports = PortRange(20000, 29999)
    user_agent: str = "Ringback"


class Media(Model):
    """The pool of media workers, each a process of four legs."""

    max_workers: Annotated[int, Field(ge=1, le=500)] = 64
    #: Idle workers kept ready, so that a click never waits for a process to start.
    spare_workers: Annotated[int, Field(ge=0, le=64)] = 4


class Tls(Model):
    """Certificates of a TLS trunk."""

    verify: bool = True
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


class CallerId(Model):
    """The number, and perhaps the name, shown on a phone that Ringback rings."""

    number: E164
    name: str | None = None


class Trunk(Model):
    """A SIP peer through which calls leave: a carrier or an existing PBX."""

    #: Host, or host:port, of the peer: the domain of the request URI.
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-\[\]:]+$")]
    transport: Literal["udp", "tcp", "tls"] = "udp"
    tls: Tls = Tls()
    username: str | None = None
    password: Secret | None = None
    realm: str = "*"
    #: Whether to REGISTER (RFC 3261 section 10), which some carriers ask for before they take a call.
    registration: bool = False
    registration_interval: Seconds = 300.0
    outbound_proxy: str | None = None
    #: Further networks this peer sends SIP from; requests from anywhere else get no answer.
    addresses: tuple[Network, ...] = ()
    codecs: tuple[Codec, ...] = ("PCMU", "PCMA", "G722")
    srtp: Literal["off", "optional", "required"] = "off"
    dtmf: Literal["rfc4733", "info"] = "rfc4733"
    #: Session-Expires (RFC 4028); null turns session timers off.
    session_expires: Seconds | None = 1800.0
    #: How a number is written in the request URI: +16175550100 or 16175550100, after the prefix.
    number_format: Literal["e164", "digits"] = "e164"
    number_prefix: Annotated[str, Field(pattern=r"^[0-9*#]{0,12}$")] = ""


class Limits(Model):
    """How often a call may be asked for, against abuse and cost."""

    per_number: tuple[Limit, ...] = (Window(7, 900.0), Window(9, 3600.0), Window(15, 86400.0))
    per_ip: tuple[Limit, ...] = (Window(10, 900.0), Window(30, 86400.0))
    #: Different numbers that one IP address may ask to have called.
    numbers_per_ip: tuple[Limit, ...] = (Window(3, 3600.0),)
    per_site: tuple[Limit, ...] = (Window(600, 3600.0),)
    #: Live calls of one site at once.
    live_per_site: Annotated[int, Field(ge=1)] = 50


class Site(Model):
    """A shop whose pages carry the call button."""

    #: Public key that the page sends; it names the site and is no secret.
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    label: str
    #: Origins whose pages may ask for calls, such as https://shop.example.
    origins: tuple[Annotated[str, Field(pattern=r"^https?://[^/\s]+$")], ...]
    #: Countries (ISO 3166-1 alpha-2) whose numbers may be called.
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    trunk: Name
    caller_id: CallerId
    route: Name
    greeting: Name | None = None
    #: What the shopper hears while the business rings: a country's ringback tone, or a prompt as music.
    ringback: Literal["us", "gb", "eu"] = "us"
    music: Name | None = None
    #: How long the shopper's phone rings.
    ring_timeout: Seconds = 45.0
    max_duration: Seconds = 14400.0
    #: A leg that sends no RTP for this long, and is not on hold, has died.
    media_timeout: Seconds = 20.0
    limits: Limits = Limits()


class Destination(Model):
    """Somebody at the business: a SIP URI on a PBX, or a number through a trunk. Exactly one of the two."""

    label: str
    sip: Annotated[str, Field(pattern=r"^sips?:[^\s<>]+$")] | None = None
    number: E164 | None = None
    #: The trunk a number leaves through; for a SIP URI, whose credentials and transport to use.
    trunk: Name | None = None
    #: What the business's phone shows: the site's own number, or the shopper's.
    show: Literal["site", "shopper"] = "site"
    #: Further headers of the INVITE; {call_id}, {site}, {page} and {number} are filled in, and
    #: {context.KEY} with what the page passed.
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")], str] = {}


class RingStep(Model):
    """One stage of the hunt: whom to ring, and how."""

    strategy: Literal["all", "in_order"] = "all"
    destinations: Annotated[tuple[Name, ...], Field(min_length=1)]
    #: How long each destination (``in_order``) or the whole step (``all``) rings.
    timeout: Seconds = 20.0


class Route(Model):
    """Who rings for a call, in ring steps, and what happens around it."""

    steps: Annotated[tuple[RingStep, ...], Field(min_length=1)]
    dial_business: Literal["at_once", "after_greeting"] = "at_once"
    #: Let the shopper hear the business's early media (RFC 3960) when one destination alone rings.
    early_media: bool = False
    #: What becomes of a call whose media worker died: end it, or dial the shopper once more.
    on_loss: Literal["end", "redial"] = "end"


class Config(Model):
    """The whole file."""

    server: Server = Server()
    sip: Sip = Sip()
    media: Media = Media()
    trunks: dict[Name, Trunk]
    sites: dict[Name, Site]
    destinations: dict[Name, Destination]
    routes: dict[Name, Route]
    #: Recordings by name: WAV files, PCM 16 bit, mono, 8 or 16 kHz; paths relative to the config file.
    prompts: dict[Name, Path] = {}
