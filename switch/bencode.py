"""Bencode, as rtpengine's NG protocol writes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: What a message is made of; texts are UTF-8.
Value = str | int | Sequence["Value"] | Mapping[str, "Value"]

#: Lists and dictionaries within each other: rtpengine's answers have nine levels.
_DEEPEST = 32


class BencodeError(ValueError):
    """Bytes that are no bencode."""


def encode(value: Value) -> bytes:
    """One value; TypeError for anything else."""
    match value:
        case str():
            data = value.encode()
            return b"%d:%b" % (len(data), data)
        case bool():
            raise TypeError("bencode has no booleans")
        case int():
            return b"i%de" % value
        case Mapping():
            return b"d" + b"".join(encode(key) + encode(one) for key, one in value.items()) + b"e"
        case Sequence():
            return b"l" + b"".join(map(encode, value)) + b"e"
    raise TypeError(f"bencode has no {type(value).__name__}")


def decode(data: bytes) -> Value:
    """The one value that the data is; bytes that are no UTF-8 are replaced."""
    value, end = _decode(data, 0, 0)
    if end != len(data):
        raise BencodeError("more than one value")
    return value


def _decode(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > _DEEPEST:
        raise BencodeError("too deep")
    kind = data[at : at + 1]
    if kind == b"i":
        end = data.find(b"e", at)
        return _number(data[at + 1 : end] if end > at else b""), end + 1
    if kind in (b"l", b"d"):
        items: list[Value] = []
        at += 1
        while data[at : at + 1] != b"e":
            item, at = _decode(data, at, depth + 1)
            items.append(item)
        return (items if kind == b"l" else _pairs(items)), at + 1
    colon = data.find(b":", at)
    length = _number(data[at:colon]) if colon > at else -1
    if not 0 <= length <= len(data) - colon - 1:
        raise BencodeError(f"no value at byte {at}")
    end = colon + 1 + length
    return data[colon + 1 : end].decode("utf-8", "replace"), end


def _number(text: bytes) -> int:
    if not 0 < len(text) <= 20 or not text.lstrip(b"-").isdigit():
        raise BencodeError(f"no number: {text[:20]!r}")
    return int(text)


def _pairs(items: list[Value]) -> dict[str, Value]:
    keys = items[::2]
    if len(items) % 2 or not all(isinstance(key, str) for key in keys):
        raise BencodeError("no pairs of texts and values")
    return {str(key): value for key, value in zip(keys, items[1::2], strict=True)}
