"""One SIP message as data: read from the wire within bounds, and written back. Pure (RFC 3261 section 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: Bytes of one message, bytes of its head, headers, and bytes of one header.
LARGEST_MESSAGE, LARGEST_HEAD, MOST_HEADERS, LONGEST_HEADER = 65535, 32768, 200, 8192
#: RFC 3261 section 8.1.1.5.
LARGEST_CSEQ = 2**31

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_REQUEST_LINE = re.compile(
    r"([A-Za-z0-9.!%*_+`'~-]{1,32}) ([^ \x00-\x1f\x7f]{1,2048}) SIP/([0-9]{1,3}\.[0-9]{1,3})", re.I
)
_STATUS_LINE = re.compile(r"SIP/2\.0 +([0-9]{3})(?: (.*))?", re.I)
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~-]{1,32})")
#: Compact forms (RFC 3261 section 7.3.3 and the registry of header fields).
_LONG_NAMES = {
    "i": "Call-ID", "m": "Contact", "e": "Content-Encoding", "l": "Content-Length", "c": "Content-Type",
    "f": "From", "s": "Subject", "k": "Supported", "t": "To", "v": "Via", "x": "Session-Expires",
    "o": "Event", "u": "Allow-Events", "r": "Refer-To", "b": "Referred-By",
}  # fmt: skip
_ONCE = ("from", "to", "call-id", "cseq")


class MalformedError(ValueError):
    """The bytes are no SIP message; ``message`` is what could be read of it, to answer it."""

    def __init__(self, reason: str, status: int = 400, message: Message | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Message:
    """A request (``method``, ``uri``) or a response (``status`` is not 0). Header names are the long ones."""

    method: str
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    #: Lines of the head that are no headers; they were left out.
    junk_lines: int = 0

    @property
    def is_request(self) -> bool:
        """Whether it asks."""
        return not self.status

    def get(self, name: str) -> str:
        """The first value of a header; empty without one."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a header, those that share a line told apart at their commas."""
        name = name.lower()
        return [one for key, value in self.headers if key.lower() == name for one in split_list(value)]

    def lines(self, name: str) -> list[str]:
        """The header's lines as they stand."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def call_id(self) -> str:
        """Call-ID, one word."""
        return self.get("Call-ID")

    @property
    def cseq(self) -> int:
        """The number in CSeq."""
        found = _CSEQ.fullmatch(self.get("CSeq"))
        return int(found[1]) if found else 0

    @property
    def from_tag(self) -> str:
        """The tag in From; empty without one."""
        return tag_of(self.get("From"))

    @property
    def to_tag(self) -> str:
        """The tag in To; empty without one."""
        return tag_of(self.get("To"))

    @property
    def branch(self) -> str:
        """The branch of the topmost Via."""
        return parameter(self.get("Via"), "branch") or ""

    def dump(self) -> bytes:
        """The bytes for the wire, with the Content-Length that is true."""
        first = f"SIP/2.0 {self.status} {self.reason}" if self.status else f"{self.method} {self.uri} SIP/2.0"
        lines = [first, *(f"{name}: {value}" for name, value in self.headers if name != "Content-Length")]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


def parse(data: bytes) -> Message:
    """Read one whole message. :class:`MalformedError`, with what could be read, for anything else."""
    if len(data) > LARGEST_MESSAGE:
        raise MalformedError("larger than a datagram", 513)
    data = data.lstrip(b"\r\n")
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise MalformedError("no end of the headers")
    if len(head) > LARGEST_HEAD or b"\x00" in head:
        raise MalformedError("a head too large, or with NUL in it", 513 if len(head) > LARGEST_HEAD else 400)
    first, *lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "surrogateescape")).split("\r\n")
    message = _start(first)
    if len(lines) > MOST_HEADERS or any(len(line) > LONGEST_HEADER for line in lines):
        raise MalformedError("too many headers, or one too long", 513)
    for line in lines:
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not _TOKEN.fullmatch(name) or _CONTROL.search(value):
            message.junk_lines += 1
            continue
        message.headers.append((_LONG_NAMES.get(name.lower(), name), value))
    version = _REQUEST_LINE.fullmatch(first)
    if version and version[3] != "2.0":
        raise MalformedError("another version of SIP", 505, message)
    message.body = _body(message, body)
    _check(message)
    return message


def _start(line: str) -> Message:
    if found := _STATUS_LINE.fullmatch(line):
        status = int(found[1])
        if not 100 <= status <= 699:
            raise MalformedError("a status that there is not")
        return Message("", status=status, reason=found[2] or "")
    if found := _REQUEST_LINE.fullmatch(line):
        return Message(found[1], found[2])
    # What is wrong with the first line, the sender may still be told (RFC 4475 section 3.1.2).
    words = line.split()
    method = words[0] if words and _TOKEN.fullmatch(words[0]) and words[-1].upper() == "SIP/2.0" else ""
    if method:
        return Message(method, "")
    raise MalformedError("no start line of SIP")


def _body(message: Message, body: bytes) -> bytes:
    lengths = set(message.lines("Content-Length"))
    if not lengths:
        return body
    if len(lengths) > 1:
        raise MalformedError("two Content-Lengths", 400, message)
    text = lengths.pop()
    if not re.fullmatch(r"[0-9]{1,8}", text, re.ASCII) or int(text) > len(body):
        raise MalformedError("a Content-Length that is not true", 400, message)
    return body[: int(text)]


def _check(message: Message) -> None:
    """What every message must have (RFC 3261 section 8.1.1)."""
    counts = dict.fromkeys(_ONCE, 0)
    for name, _ in message.headers:
        if name.lower() in counts:
            counts[name.lower()] += 1
    if wrong := [name for name, count in counts.items() if count != 1]:
        raise MalformedError(f"not one {wrong[0]}", 400, message)
    if message.is_request and not message.uri:
        raise MalformedError("no request URI", 400, message)
    if not message.get("Via") or not re.fullmatch(r"[^\s]{1,256}", message.call_id):
        raise MalformedError("no Via, or no word as Call-ID", 400, message)
    found = _CSEQ.fullmatch(message.get("CSeq"))
    if not found or int(found[1]) >= LARGEST_CSEQ:
        raise MalformedError("CSeq is not a number and a method", 400, message)
    if message.is_request and found[2] != message.method:
        raise MalformedError("CSeq names another method", 400, message)
    message.method = found[2]


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|,|[^",<]+|["<]')
_PARAMETER = re.compile(r';\s*([A-Za-z0-9.!%*_+`\'~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"?>]+))?')


def split_list(value: str) -> list[str]:
    """Tell the values of one line apart: at commas, except those in quotes or angle brackets."""
    found, current = [], ""
    for piece in _PIECE.findall(value):
        if piece == ",":
            found.append(current.strip())
            current = ""
        else:
            current += piece
    found.append(current.strip())
    return [one for one in found if one]


def parameter(value: str, name: str) -> str | None:
    """A parameter of a header's value (not of the URI in it), without quotes; "" for one without value."""
    outside = re.sub(r'^\s*"(?:[^"\\]|\\.)*"', "", value).rpartition(">")[2]
    for key, given in _PARAMETER.findall(outside):
        if key.lower() == name:
            return str(given).strip('"')
    return None


def tag_of(value: str) -> str:
    """The tag of a From or To."""
    return (parameter(value, "tag") or "")[:256]


def with_tag(value: str, tag: str) -> str:
    """The value of a From or To, with this tag in place of the one that it may have."""
    bracket = value.rfind(">")
    head, tail = value[: bracket + 1], value[bracket + 1 :]
    tail = re.sub(r";\s*tag\s*=\s*[^;,\s]*", "", tail, flags=re.I)
    return f"{head}{tail};tag={tag}" if tag else head + tail


def is_token(text: str) -> bool:
    """Whether this is a token (RFC 3261 section 25.1) of a sane length."""
    return len(text) <= 128 and bool(_TOKEN.fullmatch(text))
