"""The settings as frozen models: what an operator may write, with the defaults they get.

The text under a field is its entry in ``docs/configuration.md``, written by ``python -m config.reference``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.asterisk import Asterisk
from config.base import (
    E164,
    Codec,
    Country,
    DialPrefix,
    Language,
    Model,
    Name,
    Network,
    Origin,
    PeerHost,
    ProxyHost,
    SiteKey,
    SomeSeconds,
    TimeZone,
    Url,
    Voice,
)
from config.browsers import Agent, BrowserAudio, Talk, WebRtc
from config.customers import Customer
from config.data_pass import DataPass
from config.desk import Desk, PagePush
from config.endings import CallbackTerms, Lost, Mail, Mailbox, Queue, Screening, Whisper
from config.engines import EngineName
from config.fields import (
    HostPort,
    KeptSeconds,
    Limit,
    Listen,
    LogLevel,
    PortRange,
    Ports,
    Seconds,
    Secret,
    Window,
)
from config.numbers import Numbers
from config.retention import Retention
from config.routes import Destination, Geo, Hours, Route, RouteTest, StoreTable
from config.screen_pop import ScreenPop
from config.spend import SiteSpend, TrunkSpend

#: The voice of a language where none is named; else one of the language's own name.
VOICES = {"en": "en-us", "fr": "fr-fr"}


class Server(Model):
    """The core process: its HTTP side, its database, how it stops."""

    listen_address: Listen = HostPort("127.0.0.1", 8080)
    """Where the HTTP API listens. TLS belongs on a proxy in front of it."""
    database: Path = Path("ringback.sqlite3")
    """The SQLite file with calls and CDRs."""
    recordings: Path = Path("recordings")
    """The folder where shoppers' messages are kept."""
    public_url: Url = "http://127.0.0.1:8080"
    """Where shoppers reach this server: the beginning of the links that they are given."""
    admin_key: Secret | None = None
    """Key of the operator's side of the API (CDRs, live calls, reload); without one that side is closed."""
    trusted_proxies: tuple[Network, ...] = ()
    """Proxies whose X-Forwarded-For is believed."""
    requests_per_ip: tuple[Limit, ...] = (Window(30, 60.0), Window(300, 3600.0))
    """Requests for a call that one IP address may send at all, the refused ones included."""
    connections: Annotated[int, Field(ge=16, le=100_000)] = 2000
    """The most HTTP connections at once, WebSockets included; never more than the open files that the system
    allows leave room for."""
    connections_per_ip: Annotated[int, Field(ge=4, le=100_000)] = 200
    """The most HTTP connections of one IP address (an IPv6 /64) at once; `trusted_proxies` may have more."""
    keep_deliveries: Annotated[KeptSeconds, Field(ge=3600)] = 30 * 86400.0
    """How long mails and webhooks are kept that were delivered or given up."""
    drain_timeout: Seconds = 60.0
    """How long a stopping server waits for live calls to end by themselves."""
    log_format: Literal["json", "console"] = "json"
    """Log lines for machines (`json`) or for a terminal (`console`)."""
    log_level: LogLevel = "info"
    """From this level on, log lines are written. `ringback log-level` changes it while the server runs."""


class Sip(Model):
    """The SIP and RTP side of this node. A change takes effect with the next media worker."""

    bind_address: str = "0.0.0.0"  # noqa: S104 - trunks live outside this machine; unknown sources are dropped
    """The address of this machine that SIP and RTP use."""
    public_address: str | None = None
    """The address that others see, where this node stands behind 1:1 NAT."""
    ports: Ports = PortRange(5100, 5399)
    """SIP ports: one for each media worker, and one for the registrar. Trunks with `one_port` see the first;
    they need one more for each further transport, or certificate."""
    rtp_ports: Ports = PortRange(20000, 29999)
    """RTP ports: 16 for each media worker, and 16 for the registrar."""
    user_agent: str = "Ringback"
    """What the User-Agent header says."""


class Media(Model):
    """The media engine and its workers, the processes that carry the legs of calls."""

    engine: EngineName = "pjsua2"
    """The software that speaks SIP and carries audio. `pjsua2` needs no system packages; each of its workers
    carries four legs. A change takes effect with a restart."""
    max_workers: Annotated[int, Field(ge=1, le=500)] = 64
    """The most media workers at once; each carries two calls, or one where agents may pass calls on."""
    spare_workers: Annotated[int, Field(ge=0, le=64)] = 4
    """Idle workers kept ready, so that a click never waits for a process to start."""


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


#: How a number is written toward a peer.
NumberFormat = Literal["e164", "digits", "national"]


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
    """`id` keeps the caller's number from whoever is called: From is anonymous, and `Privacy: id` asks the
    carrier not to pass on the P-Asserted-Identity (RFC 3323, RFC 3325)."""
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


class Limits(Model):
    """How often a call may be asked for, against abuse and cost."""

    calls_per_number: tuple[Limit, ...] = (Window(7, 900.0), Window(9, 3600.0), Window(15, 86400.0))
    """Calls to one number."""
    calls_per_ip: tuple[Limit, ...] = (Window(10, 900.0), Window(30, 86400.0))
    """Calls asked for by one IP address; of IPv6 by its /64, and four times as many by its /56, sixteen times
    by its /48."""
    numbers_per_ip: tuple[Limit, ...] = (Window(3, 3600.0),)
    """Different numbers that one IP address may ask to have called; networks of IPv6 as above."""
    calls_per_site: tuple[Limit, ...] = (Window(600, 3600.0),)
    """Calls of the whole site."""
    live_calls_per_site: Annotated[int, Field(ge=1)] = 50
    """Live calls of one site at once."""


class Site(Model):
    """A shop whose pages carry the call button."""

    key: SiteKey
    """Public key that the page sends; it names the site and is no secret."""
    label: str
    """What people are shown."""
    origins: tuple[Origin, ...]
    """Origins whose pages may ask for calls, such as https://shop.example."""
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    """Countries (ISO 3166-1 alpha-2) whose numbers may be called."""
    trunk: Name
    """The trunk that shoppers are dialled through."""
    backup_trunks: tuple[Name, ...] = ()
    """Further trunks, tried in this order when `trunk` cannot carry the call: no response, no address, 5xx,
    or no route. Whoever is busy or declines is not rung again through another trunk."""
    caller_id: CallerId
    """What the shopper's phone shows."""
    customer: Name | None = None
    """Whoever the site belongs to, where the server serves several: one of `customers`."""
    route: Name
    """The root of this site's routes."""
    time_zone: TimeZone = "UTC"
    """The time zone of `now` in the conditions of its routes."""
    greeting: Name | None = None
    """The prompt that the shopper hears on answering."""
    ringback: Literal["us", "gb", "eu"] = "us"
    """What the shopper hears while the business rings: a country's ringback tone."""
    music: Name | None = None
    """A prompt to hear in place of the ringback tone, over and over."""
    ring_timeout: SomeSeconds = 45.0
    """How long the shopper's phone rings."""
    max_duration: SomeSeconds = 14400.0
    """The longest a call may last, from the shopper's answer."""
    media_timeout: SomeSeconds = 20.0
    """A leg that shows no sign of life for this long, neither audio nor comfort noise, keys or RTCP, has
    died; one that is on hold, or only receives, is silent by right."""
    limits: Limits = Limits()
    """How often a call may be asked for."""
    form_token: Literal["optional", "required"] = "optional"  # noqa: S105 - no token
    """Whether a page must get a [token](limits.md#the-forms-token) before it asks for a call, which makes it
    harder to ask without the page."""
    retention: Retention = Retention()
    """How long what is kept of its shoppers stays."""
    spend: SiteSpend | None = None
    """What its calls may cost a day; without it, whatever the trunks let them."""
    language: Language | None = None
    """The language of whatever Ringback says by itself, and of the callback page: `en`, `de`, `es` and `fr`
    have words of their own; for any other, write the texts. Without it, that of `voice`, else English."""
    voice: Voice | None = None
    """The synthetic voice for whatever is not recorded: one of `espeak-ng --voices`. Without it, one of the
    language: `en-us`, `de`, `es`, `fr-fr`."""
    screening: Screening = Screening()
    """What whoever answers at a screened destination hears."""
    whisper: Whisper = Whisper()
    """What whoever takes a call is told before the shopper hears them, where neither the destination nor the
    ring step has a `whisper` of its own."""
    lost_connection: Lost = Lost()
    """What the shopper is told when whoever they talk to is gone without hanging up: a browser that died, a
    phone that vanished. The rest of the route is rung then, and last of all that phone again."""
    talk_methods: Annotated[tuple[Talk, ...], Field(min_length=1)] = ("phone",)
    """How shoppers may talk: by `phone`, by `pc` (in the browser), or both."""
    browser_audio: BrowserAudio = "passthrough"
    """What browsers are sent: what the business speaks (`passthrough`), or Opus, which mends lost packets and
    costs ten times as much."""
    hold_music: Name | None = None
    """A prompt to hear while on hold, over and over; without one `music`, else a soft beep."""
    page_push: PagePush | None = None
    """How agents send this site's shoppers to a page."""
    data_pass: DataPass = DataPass()
    """What its pages may pass of the shopper, and how the retailer's server signs it."""
    screen_pop: ScreenPop = ScreenPop()
    """What agents see of the shopper, and when."""

    @property
    def tongue(self) -> str:
        """The language of what is said and shown: ``de``."""
        return self.language or (self.voice or "en").partition("-")[0]

    @property
    def spoken_by(self) -> str:
        """The voice of espeak-ng that speaks."""
        return self.voice or VOICES.get(self.tongue, self.tongue)


class Config(Model):
    """The whole file."""

    server: Server = Server()
    """The core process."""
    sip: Sip = Sip()
    """SIP and RTP."""
    media: Media = Media()
    """The media workers."""
    trunks: dict[Name, Trunk]
    """SIP peers by name."""
    sites: dict[Name, Site]
    """Sites by name."""
    customers: dict[Name, Customer] = {}
    """The customers of an agency, by name."""
    destinations: dict[Name, Destination] = {}
    """Destinations by name."""
    routes: dict[Name, Route]
    """Routes by name."""
    numbers: Numbers = Numbers()
    """Which numbers are called."""
    hours: dict[Name, Hours] = {}
    """Opening hours by name."""
    geo: Geo = Geo()
    """Geography."""
    stores: dict[Name, StoreTable] = {}
    """Store tables by name."""
    tests: tuple[RouteTest, ...] = ()
    """Expectations of the routes."""
    webrtc: WebRtc = WebRtc()
    """Calls by browser."""
    agents: dict[Name, Agent] = {}
    """People who answer calls in a browser, by name."""
    asterisk: dict[Name, Asterisk] = {}
    """Asterisks whose manager interface tells of agents' phones, by name."""
    desk: Desk = Desk()
    """The agents' desk."""
    mailboxes: dict[Name, Mailbox] = {}
    """Where messages are left, by name."""
    callbacks: dict[Name, CallbackTerms] = {}
    """Terms of callbacks by name."""
    queues: dict[Name, Queue] = {}
    """Queues by name."""
    mail: Mail | None = None
    """The SMTP server that messages are sent through."""
    prompts: dict[Name, Path] = {}
    """Recordings by name: WAV files, PCM 16 bit, mono, 8 or 16 kHz."""

    def public_url_of(self, site: str) -> str:
        """Where people of this site reach the server, without a slash at its end."""
        known = self.sites.get(site)
        customer = self.customers.get(known.customer) if known and known.customer else None
        return ((customer and customer.public_url) or self.server.public_url).rstrip("/")

    def desk_of(self, agent: str) -> Desk:
        """What an agent finds at their desk: their customer's, or everybody's."""
        known = self.agents.get(agent)
        customer = self.customers.get(known.customer) if known and known.customer else None
        return (customer and customer.desk) or self.desk

    def are_colleagues(self, agent: str, other: str) -> bool:
        """Whether two agents work for the same customer, or both for the agency itself."""
        one, two = self.agents.get(agent), self.agents.get(other)
        return one is not None and two is not None and one.customer == two.customer

    def sites_of_agent(self, agent: str) -> frozenset[str]:
        """The sites that an agent works for: their customer's; all of them for who is of no customer."""
        known = self.agents.get(agent)
        return self.sites_of(known.customer) if known and known.customer else frozenset(self.sites)

    def sites_of(self, customer: str) -> frozenset[str]:
        """The names of a customer's sites."""
        return frozenset(name for name, site in self.sites.items() if site.customer == customer)
