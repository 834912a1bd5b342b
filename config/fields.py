"""Types of single settings that YAML cannot express: durations, port ranges, addresses, limits."""

from __future__ import annotations

import re
from decimal import Decimal
from math import inf
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer, SecretStr, SerializationInfo

from config.marks import Form

#: From which level on a log line is written.
LogLevel = Literal["debug", "info", "warning", "error"]

_DURATION = re.compile(r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PERCENT = re.compile(r"(100|\d{1,2}(?:\.\d{1,2})?)%")
_WINDOW = re.compile(r"(?P<count>\d{1,9}) per (?P<length>\d+(?:\.\d+)?\s*(?:s|m|h|d))")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
#: The longest stretch of time that a setting takes, in seconds; and the longest that something is kept.
LONGEST = 7 * 86400.0
LONGEST_KEPT = 3650 * 86400.0
#: Stands in the tree for a secret that could not be had; such a tree never becomes a Config.
NO_SECRET = "-"  # noqa: S105


def parse_duration(value: Any) -> float:
    """Seconds from ``20s``, ``500ms``, ``2m``, ``4h``, ``1d``; a bare number is refused as ambiguous."""
    if isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
        return float(found["value"]) * _SECONDS[found["unit"]]
    raise ValueError("write a duration with its unit, such as 20s, 500ms, 2m or 4h")


def parse_port_range(value: Any) -> PortRange:
    """A :class:`PortRange` from ``5100-5399``, or from one port."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value}-{value}"
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", value.strip())):
        first, last = int(found[1]), int(found[2] or found[1])
        if 1024 <= first <= last <= 65535:
            return PortRange(first, last)
    raise ValueError("write a range of ports between 1024 and 65535, such as 20000-29999")


def parse_host_port(value: Any) -> HostPort:
    """A :class:`HostPort` from ``127.0.0.1:8080`` or ``[::1]:8080``."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})", value)):
        port = int(found[2])
        if port <= 65535:
            return HostPort(found[1].strip("[]"), port)
    raise ValueError("write an address and a port, such as 127.0.0.1:8080")


def parse_window(value: Any) -> Window:
    """A :class:`Window` from ``7 per 15m``."""
    if isinstance(value, str) and (found := _WINDOW.fullmatch(value.strip())):
        seconds = parse_duration(found["length"])
        if 0 < seconds <= LONGEST:
            return Window(int(found["count"]), seconds)
    raise ValueError("write a limit as a count and a length of time up to 7d, such as '7 per 15m'")


def parse_cool_down(value: Any) -> float:
    """Seconds from a duration, or infinity from ``never``."""
    return inf if value == "never" else parse_duration(value)


def write_cool_down(seconds: float) -> str:
    """The text that :func:`parse_cool_down` reads back."""
    return "never" if seconds == inf else write_duration(seconds)


def parse_percent(value: Any) -> float:
    """A share from 0 to 1, from ``5%``; a bare number is refused as ambiguous."""
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value.strip())):
        return float(Decimal(found[1]) / 100)
    raise ValueError("write a percentage from 0% to 100%, such as 5%")


def write_percent(share: float) -> str:
    """The text that :func:`parse_percent` reads back."""
    return f"{(Decimal(repr(float(share))) * 100).normalize():f}%"


def write_duration(seconds: float) -> str:
    """The text that :func:`parse_duration` reads back as exactly these seconds."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{Decimal(repr(float(seconds))).normalize():f}s"


class PortRange(NamedTuple):
    """UDP or TCP ports, both ends included."""

    first: int
    last: int


class HostPort(NamedTuple):
    """Where to listen; the host is a name or an address without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Window(NamedTuple):
    """At most so many ``times`` within any stretch of ``seconds``."""

    times: int
    seconds: float


def _dump_secret(value: SecretStr, info: SerializationInfo) -> str:
    """Mask a secret, unless the dump is for one of our own processes (``context={"reveal": True}``)."""
    return value.get_secret_value() if info.context and info.context.get("reveal") else str(value)


# Every type dumps to JSON as an operator would write it, so that a dump can be loaded again.
Secret = Annotated[SecretStr, PlainSerializer(_dump_secret, when_used="json")]
Seconds = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(ge=0, le=LONGEST),
    PlainSerializer(write_duration, when_used="json"),
    Form("a duration with its unit, such as 20s, 500ms, 2m or 4h"),
]
KeptSeconds = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(ge=0, le=LONGEST_KEPT),
    PlainSerializer(write_duration, when_used="json"),
    Form("a duration with its unit, such as 12h or 30d"),
]
CoolDownSeconds = Annotated[
    float,
    BeforeValidator(parse_cool_down),
    PlainSerializer(write_cool_down, when_used="json"),
    Form("a duration with its unit, such as 12h or 30d, or never"),
]
Percent = Annotated[
    float,
    BeforeValidator(parse_percent),
    PlainSerializer(write_percent, when_used="json"),
    Form("a percentage, such as 5%"),
]
Ports = Annotated[
    PortRange,
    BeforeValidator(parse_port_range),
    PlainSerializer(lambda ports: f"{ports.first}-{ports.last}", when_used="json"),
    Form("a range of ports between 1024 and 65535, such as 20000-29999"),
]
Listen = Annotated[
    HostPort,
    BeforeValidator(parse_host_port),
    PlainSerializer(str, when_used="json"),
    Form("an address and a port, such as 127.0.0.1:8080"),
]
Peer = Annotated[
    HostPort,
    BeforeValidator(parse_host_port),
    PlainSerializer(str, when_used="json"),
    Form("a host and a port, such as smtp.shop.example:587"),
]
Limit = Annotated[
    Window,
    BeforeValidator(parse_window),
    PlainSerializer(lambda window: f"{window.times} per {write_duration(window.seconds)}", when_used="json"),
    Form("a count and a length of time up to 7d, such as 7 per 15m"),
]
