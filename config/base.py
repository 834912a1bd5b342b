"""Types that the models share: names, numbers, hosts, conditions; and the base of every model."""

from __future__ import annotations

from datetime import date
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from config.fields import MINUTE, Seconds
from config.marks import Form, NameOf, Usual

Name = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$"),
    Form("a name with lower-case letters, digits, - and _, such as boston_store"),
]
E164 = Annotated[
    str, Field(pattern=r"^\+[1-9]\d{6,14}$"), Form("a number with its country code, such as +16175550100")
]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), Form("a country's two capital letters, such as US")]
Codec = Literal["PCMU", "PCMA", "G722"]
_HOST_PORT = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9_.\-]*[A-Za-z0-9])?)(:[0-9]{1,5})?"
Network = Annotated[
    IPv4Network | IPv6Network,
    Form("an address, or a network without host bits, such as 203.0.113.7 or 203.0.113.0/24"),
]
PeerHost = Annotated[
    str,
    Field(pattern=rf"^{_HOST_PORT}$"),
    Form("a host, or host:port, such as sip.carrier.example"),
]
SipUri = Annotated[
    str,
    Field(pattern=rf"^sips?:([^\s<>@\"]+@)?{_HOST_PORT}(;[^\s<>?\"]*)?$"),
    Form("a SIP URI, such as sip:200@pbx.example"),
]
ProxyHost = Annotated[
    str,
    Field(pattern=rf"^(sips?:)?{_HOST_PORT}(;[^\s<>?\"]*)?$"),
    Form("a host, host:port or SIP URI, such as sip:proxy.carrier.example:5061;transport=tls"),
]
IceUrl = Annotated[
    str,
    Field(pattern=rf"^(stuns?|turns?):{_HOST_PORT}(\?transport=(udp|tcp))?$"),
    Form("an address of a STUN or TURN server, such as turn:turn.example:3478?transport=udp"),
]
SiteKey = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$"), Form("8 to 64 letters, digits, - and _, without spaces")
]
Origin = Annotated[
    str,
    Field(pattern=r"^https?://[^/\s]+$"),
    Form("an origin without a path or a trailing slash, such as https://shop.example"),
]
EmailAddress = Annotated[
    str,
    Field(pattern=r"^[^\s@<>\",;:]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$"),
    Form("an e-mail address, such as sales@shop.example"),
]
Url = Annotated[
    str,
    Field(pattern=r"^https?://[^\s/?#]+[^\s#]*$", max_length=2000),
    Form("a URL with http or https, such as https://crm.example/hooks/ringback"),
]
HeaderName = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$"), Form("the name of a SIP header, such as X-Call-Id")
]
TimeZone = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*$"),
    Form("a time zone of the IANA database, such as America/New_York"),
]
Day = Annotated[
    date,
    PlainSerializer(date.isoformat, when_used="json"),
    Form("a date, such as 2026-12-24"),
]
Region = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9 .'-]{1,64}$"), Form("the name or code of a part of the country")
]
Condition = Annotated[
    str,
    Field(min_length=1, max_length=2000),
    Form("a condition in CEL, such as cart.value > 100 && geo.country == 'US'"),
]
DialPrefix = Annotated[str, Field(pattern=r"^[0-9*#]{0,12}$"), Form("at most 12 digits, * and #")]
Language = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}$"), Form("a language's two or three letters (ISO 639), such as en or de")
]
Voice = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9-]{1,16})?$"), Form("a voice of espeak-ng, such as en-us or de")
]
#: A stretch of time that must not be nothing.
SomeSeconds = Annotated[Seconds, Field(ge=0.1)]
#: How long a phone of the business rings.
RingSeconds = Annotated[
    SomeSeconds,
    Usual(
        5,
        "nobody can reach a phone that quickly",
        3 * MINUTE,
        "no network lets a phone ring that long, and the shopper waits",
    ),
]


#: What stands before the name of an agent where destinations are named.
AGENT = "agent:"

#: A destination, an agent, a row of a store table, or a store table.
Named = Annotated[
    str,
    Field(
        pattern=r"^((agent:)?[a-z0-9][a-z0-9_-]{0,63}|[a-z0-9][a-z0-9_-]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,63})$"
    ),
    Form(
        "the name of a destination, of a store table, or of a row of one, such as shops/boston; or an agent, "
        "such as agent:alice"
    ),
    NameOf(("destinations", "agents", "stores")),
]


CustomerName = Annotated[Name, NameOf(("customers",))]
TrunkName = Annotated[Name, NameOf(("trunks",))]
RouteName = Annotated[Name, NameOf(("routes",))]
PromptName = Annotated[Name, NameOf(("prompts",))]
HoursName = Annotated[Name, NameOf(("hours",))]
MailboxName = Annotated[Name, NameOf(("mailboxes",))]
CallbackName = Annotated[Name, NameOf(("callbacks",))]
QueueName = Annotated[Name, NameOf(("queues",))]
AsteriskName = Annotated[Name, NameOf(("asterisk",))]
FlowName = Annotated[Name, NameOf(("flows",))]
SiteName = Annotated[Name, NameOf(("sites",))]


class Model(BaseModel):
    """Base of every settings model: frozen, strict, and closed to unknown keys."""

    # A refused input may be a secret: no traceback may show it.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        serialize_by_alias=True,
    )
