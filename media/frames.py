"""Messages as frames: four bytes of length, big-endian, then the message as an array of msgpack.

A message is a frozen dataclass of a closed union. msgspec checks every field that it reads, by structs made
of the dataclasses' own fields: who changes a message changes both ends of the line.
"""

from __future__ import annotations

import enum
import hashlib
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

#: Bytes of the longest message; settings with thousands of trunks are below.
LONGEST = 4 * 1024 * 1024
_LENGTH = 4

Message = TypeVar("Message")


class FrameError(Exception):
    """The other side sent what is none of its messages; nothing that follows can be trusted."""


class FrameReader:
    """Cuts a stream into the messages' bytes, however it arrives."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete by now; :class:`FrameError` for one that is too long."""
        data, self._rest = self._rest + data if self._rest else data, b""
        at, end = 0, len(data)
        while end - at >= _LENGTH:
            length = int.from_bytes(data[at : at + _LENGTH], "big")
            if length > self.longest:
                raise FrameError(f"a message of {length} bytes")
            if end - at - _LENGTH < length:
                break
            at += _LENGTH + length
            yield data[at - length : at]
        self._rest = data[at:]


class Codec(Generic[Message]):
    """Turns the messages of one direction into frames and back; ``union`` is all of them."""

    def __init__(self, union: Any) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(_translated(union)).decode
        #: Differs where the messages do.
        self.fingerprint = hashlib.sha256(repr(_described(union)).encode()).hexdigest()[:16]

    def dump(self, message: Message) -> bytes:
        """The message as a frame; ValueError if it is too long."""
        payload = self._encode(_packed(message))
        if len(payload) > LONGEST:
            raise ValueError(f"{type(message).__name__} of {len(payload)} bytes is too long")
        return len(payload).to_bytes(_LENGTH, "big") + payload

    def load(self, payload: bytes) -> Message:
        """Read what a frame has after its length; :class:`FrameError` for anything else."""
        try:
            message: Message = _unpacked(self._decode(payload))
        except msgspec.MsgspecError as error:
            raise FrameError(str(error)) from None
        return message


class _Shape:
    """The struct that stands for a dataclass on the wire, with what turns one into the other."""

    def __init__(self, kind: type[Any]) -> None:
        hints = get_type_hints(kind)
        names = [each.name for each in fields(kind)]
        self.struct = msgspec.defstruct(
            kind.__name__,
            [(name, _translated(hints[name])) for name in names],
            tag=True,
            array_like=True,
            frozen=True,
        )
        self._kind = kind
        #: Of each field: its name, and whether there is a dataclass in it.
        self._fields = [(attrgetter(name), bool(_dataclasses(hints[name]))) for name in names]

    def pack(self, value: Any) -> Any:
        """The dataclass as a struct."""
        return self.struct(*[_packed(get(value)) if deep else get(value) for get, deep in self._fields])

    def unpack(self, struct: Any) -> Any:
        """The struct as a dataclass."""
        return self._kind(*[_unpacked(get(struct)) if deep else get(struct) for get, deep in self._fields])


_BY_STRUCT: dict[type[Any], _Shape] = {}


@cache
def _shape_of(kind: type[Any]) -> _Shape:
    shape = _Shape(kind)
    _BY_STRUCT[shape.struct] = shape
    return shape


def _packed(value: Any) -> Any:
    kind = type(value)
    if kind is tuple:
        return tuple([_packed(each) for each in value])
    return _shape_of(kind).pack(value) if is_dataclass(kind) else value


def _unpacked(value: Any) -> Any:
    if type(value) is tuple:
        return tuple([_unpacked(each) for each in value])
    shape = _BY_STRUCT.get(type(value))
    return value if shape is None else shape.unpack(value)


def _translated(annotation: Any) -> Any:
    """The annotation with structs in the place of dataclasses."""
    if is_dataclass(annotation):
        return _shape_of(annotation).struct  # type: ignore[arg-type] # a class, here
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return Union[tuple(_translated(part) for part in parts)]  # noqa: UP007 - made while it runs
    if origin is tuple:
        return tuple[tuple(part if part is ... else _translated(part) for part in parts)]  # type: ignore[misc]
    return annotation


def _dataclasses(annotation: Any) -> list[type[Any]]:
    """All dataclasses that an annotation names."""
    if is_dataclass(annotation):
        return [annotation]  # type: ignore[list-item] # a class, here
    return [kind for part in get_args(annotation) for kind in _dataclasses(part)]


def _described(annotation: Any) -> dict[str, list[str]]:
    """All dataclasses and enums that an annotation leads to, with their fields and members."""
    found: dict[str, list[str]] = {}
    waiting = [annotation]
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if not isinstance(kind, type) or kind.__name__ in found:
            continue
        if is_dataclass(kind):
            hints = get_type_hints(kind)
            found[kind.__name__] = [f"{each.name}: {hints[each.name]}" for each in fields(kind)]
            waiting += hints.values()
        elif issubclass(kind, enum.Enum):
            found[kind.__name__] = [str(member.value) for member in kind]
    return dict(sorted(found.items()))
