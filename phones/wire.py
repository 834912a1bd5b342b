"""What a phone's process and its parent say to each other: one JSON object a line, frozen dataclasses on
both ends. Each object names its dataclass in ``kind``; anything else in it are the dataclass's fields.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin


class WireError(ValueError):
    """A line that is no message we know; the text says which field is wrong, and how."""


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneSpeech:
    """What a phone says: a steady tone, a WAV file in a loop, or noise as lively as speech; else silence."""

    hz: int | None = None
    wav: str | None = None
    talk: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """Something that a phone says for so many seconds."""

    speech: PhoneSpeech
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Script:
    """What a phone does with each call that comes in. Times are in seconds."""

    #: What follows the ringing.
    then: Literal["answer", "refuse", "nothing"] = "answer"
    ring_for: float = 0.2
    #: 180, 183 with SDP and speech, or no provisional response at all.
    ring: Literal["ringing", "early_media", "silent"] = "ringing"
    #: Final status of a refusal.
    status: int = 486
    speak: PhoneSpeech = PhoneSpeech()
    #: Speech before the answer, where it differs.
    speak_early: PhoneSpeech | None = None
    #: From the answer, one after the other; ``speak`` follows.
    first: tuple[Part, ...] = ()
    #: From the answer.
    hang_up_after: float | None = None
    #: Keys to press ``dtmf_after`` the answer, or after ``listen_for`` was heard where that is set.
    dtmf: str = ""
    dtmf_after: float = 0.5
    #: A tone in Hz whose beginning is reported, once a call.
    listen_for: int | None = None
    dtmf_by: Literal["rfc4733", "info"] = "rfc4733"


# -- to the phone ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class SetScript:
    """Follow another script from the next call on."""

    script: Script


@dataclasses.dataclass(frozen=True, slots=True)
class DialOut:
    """Place a call; of the script, its speech, keys and hanging up apply."""

    uri: str
    script: Script = Script()
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """Answer a ringing call now."""

    call: int


@dataclasses.dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse a ringing call now, with a final status."""

    call: int
    status: int


@dataclasses.dataclass(frozen=True, slots=True)
class HangUpCall:
    """End a call, whatever its state."""

    call: int


@dataclasses.dataclass(frozen=True, slots=True)
class Speak:
    """Say something else on an answered call."""

    call: int
    speech: PhoneSpeech


@dataclasses.dataclass(frozen=True, slots=True)
class PressKeys:
    """Press keys (0-9, *, #, A-D), by RFC 4733 or SIP INFO (RFC 6086)."""

    call: int
    digits: str
    by: Literal["rfc4733", "info"] = "rfc4733"


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    """Put the peer on hold by re-INVITE (RFC 3264 section 8.4)."""

    call: int


@dataclasses.dataclass(frozen=True, slots=True)
class Resume:
    """Take the peer off hold by re-INVITE."""

    call: int


@dataclasses.dataclass(frozen=True, slots=True)
class Transfer:
    """Send the peer elsewhere by REFER (RFC 3515): a blind transfer."""

    call: int
    uri: str


@dataclasses.dataclass(frozen=True, slots=True)
class Register:
    """Register at a registrar, and use these credentials from now on."""

    registrar: str
    username: str
    password: str


@dataclasses.dataclass(frozen=True, slots=True)
class Quit:
    """Hang up everything and end the process."""


# -- from the phone: ``at`` is in seconds since the epoch ------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneReady:
    """The phone listens on this UDP and TCP port, and on this TLS port if it has one."""

    at: float
    pid: int
    port: int
    tls_port: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class ScriptSet:
    """The next call meets the new script."""

    at: float


@dataclasses.dataclass(frozen=True, slots=True)
class Incoming:
    """An INVITE came in."""

    at: float
    call: int
    from_uri: str
    to_uri: str
    request_uri: str
    #: Every header as it arrived, in order.
    headers: tuple[tuple[str, str], ...]
    sdp: str

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclasses.dataclass(frozen=True, slots=True)
class Dialed:
    """A call of ours is on its way."""

    at: float
    call: int
    uri: str


@dataclasses.dataclass(frozen=True, slots=True)
class Ringing:
    """A provisional response left, or on a call of ours arrived."""

    at: float
    call: int
    status: int


@dataclasses.dataclass(frozen=True, slots=True)
class Answered:
    """The call is confirmed (its ACK was seen), and audio flows."""

    at: float
    call: int
    codec: str
    encrypted: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Dtmf:
    """The peer pressed a key."""

    at: float
    call: int
    digit: str
    by: Literal["rfc4733", "info"]


@dataclasses.dataclass(frozen=True, slots=True)
class ToneHeard:
    """The tone that the script listens for has begun, not more than 0.1 s ago."""

    at: float
    call: int
    hz: int


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """The call is on hold now."""

    at: float
    call: int
    by: Literal["self", "peer"]


@dataclasses.dataclass(frozen=True, slots=True)
class Resumed:
    """The call is off hold."""

    at: float
    call: int


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """The call is over."""

    at: float
    call: int
    #: Its last status: 200 after a BYE, 487 after a CANCEL, or the refusal's.
    status: int
    text: str
    #: The Reason header (RFC 3326) of the BYE or CANCEL that ended it.
    reason: str | None
    was_answered: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Recorded:
    """What the phone heard of one call is complete on disk: 16 bit mono, from ``started_at`` on."""

    at: float
    call: int
    path: str
    started_at: float


@dataclasses.dataclass(frozen=True, slots=True)
class Registered:
    """The registrar's answer to a REGISTER."""

    at: float
    status: int


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """The phone could not do what was asked, or is broken; ``problem`` says why."""

    at: float
    problem: str


Command = (
    SetScript
    | DialOut
    | Answer
    | Refuse
    | HangUpCall
    | Speak
    | PressKeys
    | Hold
    | Resume
    | Transfer
    | Register
    | Quit
)
Event = (
    PhoneReady
    | ScriptSet
    | Incoming
    | Dialed
    | Ringing
    | Answered
    | Dtmf
    | ToneHeard
    | Held
    | Resumed
    | Ended
    | Recorded
    | Registered
    | Failed
)
#: Takes an event to the listener.
Report = Callable[[Event], None]
COMMANDS: Mapping[str, type[Command]] = {kind.__name__: kind for kind in get_args(Command)}
EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}

Message = TypeVar("Message")


def encode(message: Command | Event) -> str:
    """One line of JSON, without its newline."""
    return json.dumps({"kind": type(message).__name__, **dataclasses.asdict(message)})


def decode(line: str | bytes, kinds: Mapping[str, type[Message]]) -> Message:
    """The message in a line: one of ``COMMANDS`` or of ``EVENTS``. Raises :class:`WireError`."""
    try:
        value = json.loads(line)
    except ValueError as error:
        raise WireError(f"no JSON: {error}") from error
    if not isinstance(value, dict) or value.get("kind") not in kinds:
        raise WireError(f"wants an object whose kind is one of {', '.join(kinds)}")
    kind = value.pop("kind")
    return build(kinds[kind], value, kind)


def build(kind: type[Message], value: Any, path: str) -> Message:
    """A dataclass from what JSON made of it, every field checked. Raises :class:`WireError`."""
    if not isinstance(value, dict):
        raise WireError(f"{path}: wants an object")
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, kind))}
    if unknown := set(value) - set(fields):
        raise WireError(f"{path}: knows no {', '.join(sorted(unknown))}; it has {', '.join(fields)}")
    needed = {
        name
        for name, field in fields.items()
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    if missing := needed - set(value):
        raise WireError(f"{path}: lacks {', '.join(sorted(missing))}")
    hints = typing.get_type_hints(kind)
    return kind(**{name: _checked(hints[name], item, f"{path}.{name}") for name, item in value.items()})


def _checked(hint: Any, value: Any, path: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and types.NoneType in arguments:
            return None
        return _checked(next(kind for kind in arguments if kind is not types.NoneType), value, path)
    if origin is Literal:
        if value in arguments:
            return value
        raise WireError(f"{path}: wants one of {', '.join(map(str, arguments))}, not {value!r}")
    if origin is tuple:
        if not isinstance(value, list):
            raise WireError(f"{path}: wants a list")
        kinds = arguments[:1] * len(value) if len(arguments) == 2 and arguments[1] is Ellipsis else arguments
        if len(kinds) != len(value):
            raise WireError(f"{path}: wants {len(kinds)} items, not {len(value)}")
        return tuple(
            _checked(kind, item, f"{path}[{index}]")
            for index, (kind, item) in enumerate(zip(kinds, value, strict=True))
        )
    if dataclasses.is_dataclass(hint):
        return build(typing.cast(type[Any], hint), value, path)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise WireError(f"{path}: wants {hint.__name__}, not {value!r}")
    return value
