"""Data as YAML text, in the style of what stands around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from config.editing.data import Data
from config.editing.spans import UnreadableError, read_spans
from config.resolve import plain

#: Lines of flow collections and folded texts end here.
WIDEST = 110
#: What other readers of YAML take for a number, a date or a truth value.
_ODD = re.compile(r"[-+.]?[0-9][0-9_.,:eExXoO-]*|y|n|yes|no|on|off|<<|=", re.IGNORECASE)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FileManner:
    """How a file is written."""

    #: Columns from a key to the keys below it.
    step: int = 2
    #: Columns from a key to the dashes below it.
    dashes: int = 2
    newline: str = "\n"


def scalar(value: Data, style: str = "", *, flow: bool = False) -> str:
    """A value on one line; a text in this style where it can be."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        written = format(Decimal(repr(value)), "f")
        return written if "." in written else f"{written}.0"
    if not isinstance(value, str):
        raise UnreadableError("a value that YAML has no form for here")
    if style not in ("'", '"') and not _ODD.fullmatch(value) and is_plain(value, flow=flow):
        return value
    single = style == "'" or (style != '"' and ('"' in value or "\\" in value))
    if single and not _CONTROL.search(value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(_ESCAPES.get(each) or _escaped(each) for each in value) + '"'


def _escaped(character: str) -> str:
    if not _CONTROL.match(character):
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


@lru_cache(maxsize=4096)
def is_plain(value: str, *, flow: bool) -> bool:
    """Whether a text says the same without quotes."""
    if not value or value != value.strip() or _CONTROL.search(value) or plain(value) != value:
        return False
    around = "{k: %s, z: 1}" if flow else "k: %s\nz: 1"
    try:
        root = read_spans(around % value)
    except UnreadableError:
        return False
    read = root.slots[0].value if root.kind == "mapping" and len(root.slots) == 2 else None
    return read is not None and (read.kind, read.style, read.text, read.anchor) == ("scalar", "", value, "")


def key(name: str, *, flow: bool) -> str:
    """A key; in quotes where it needs them."""
    fits = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) and plain(name) == name
    return name if fits and not _ODD.fullmatch(name) else scalar(name, '"' if fits else "", flow=flow)


def flow_text(value: Data) -> str:
    """A value on one line, whatever it is."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key(name, flow=True)}: {flow_text(entry)}" for name, entry in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_text(item) for item in value) + "]"
    return scalar(value, flow=True)


def entry_lines(name: str, value: Data, indent: int, manner: FileManner, *, flow: bool = False) -> list[str]:
    """The lines of a mapping's entry; with ``flow``, a collection stands on the key's line where it fits."""
    head = f"{' ' * indent}{key(name, flow=False)}:"
    if short := _on_one_line(value, len(head) + 1, flow=flow):
        return [f"{head} {short}"]
    if isinstance(value, dict):
        return [head, *mapping_lines(value, indent + manner.step, manner, flow=flow)]
    return [head, *list_lines(value, indent + manner.dashes, manner, flow=flow)]


def item_lines(value: Data, indent: int, manner: FileManner, *, flow: bool = False) -> list[str]:
    """The lines of a list's item."""
    if short := _on_one_line(value, indent + 2, flow=flow):
        return [f"{' ' * indent}- {short}"]
    below = indent + 2
    lines = (mapping_lines if isinstance(value, dict) else list_lines)(value, below, manner, flow=flow)
    return [f"{' ' * indent}- {lines[0][below:]}", *lines[1:]]


def mapping_lines(
    value: dict[str, Data], indent: int, manner: FileManner, *, flow: bool = False
) -> list[str]:
    """The lines of a mapping."""
    return [
        line for name, entry in value.items() for line in entry_lines(name, entry, indent, manner, flow=flow)
    ]


def list_lines(value: list[Data], indent: int, manner: FileManner, *, flow: bool = False) -> list[str]:
    """The lines of a list."""
    return [line for item in value for line in item_lines(item, indent, manner, flow=flow)]


def _on_one_line(value: Data, begin: int, *, flow: bool) -> str:
    """The value as it stands on one line; nothing where it needs lines of its own."""
    if not isinstance(value, dict | list):
        return scalar(value)
    text = flow_text(value)
    nested = any(isinstance(item, dict | list) for item in value)
    wanted = flow or not value or (isinstance(value, list) and not nested)
    return text if (wanted and begin + len(text) <= WIDEST) or not value else ""


def block_text(value: str, head: str, indent: int, newline: str) -> str:
    """A text in a block style, from its ``|`` or ``>`` on, each line this far in; it may read otherwise."""
    style, comment = head[0], head[head.find("#") :] if "#" in head else ""
    ending = value[len(value.rstrip("\n")) :]
    body = value.rstrip("\n")
    chomp = "-" if not ending else "+" if len(ending) > 1 else ""
    lines = body.split("\n") if style == "|" else _folded(body, indent)
    first = f"{style}{chomp}{' ' + comment if comment else ''}"
    whole = [first, *(f"{' ' * indent}{line}" if line else "" for line in lines), *[""] * (len(ending) - 1)]
    return newline.join(whole)


def _folded(body: str, indent: int) -> list[str]:
    """The lines of a folded text: a line break of the text is an empty line."""
    lines: list[str] = []
    for number, paragraph in enumerate(body.split("\n")):
        if number:
            lines.append("")
        line = ""
        for word in paragraph.split(" "):
            if line and indent + len(line) + 1 + len(word) > WIDEST:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines
