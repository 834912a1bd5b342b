"""Style sheets as agents get them: rules without comments, addresses to elsewhere and texts of their own.

A style sheet may load from anywhere (``url()``, ``@import``), and may say something: in a comment, a
string, an attribute selector. Names stay: those of classes, fonts, animations and properties are the
shop's code.
"""

from __future__ import annotations

import re
from typing import Any

from cobrowse.addresses import ViewAddresses
from cobrowse.states import STATES

#: rrweb's mark between the texts of one style element.
_SPLIT = "/* rr_split */"
_STRING = r""""(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?"""
_TOKEN = re.compile(
    rf"""
    (?P<comment>/\*(?:[^*]|\*(?!/))*+(?:\*/)?)
    | (?P<import>@(?:import|charset|namespace)\b(?:{_STRING}|[^;"'])*+;?)
    | (?P<url>(?:url|src)\(\s*(?:(?P<quoted>{_STRING})|(?P<bare>[^"'()\s]*+))\s*\)?)
    | (?P<named>
        (?<![\w-])(?:font(?:-family)?|grid(?:-template(?:-areas)?)?|--[\w-]*font[\w-]*+)\s*:
        (?:{_STRING}|[^;{{}}"'()\\/])*+)
    | (?P<format>(?:format|tech)\(\s*["'][\w-]{{1,32}}["']\s*\))
    | (?P<attribute>
        \[\s*(?P<name>[\w-]+)\s*(?P<test>[~|^$*]?=)\s*(?P<value>{_STRING}|[^\]\s"']*+)\s*(?:[is]\s*)?\])
    | (?P<string>{_STRING})
    | (?P<escape>\\(?:[0-9a-fA-F]{{1,6}}\s?|[^0-9a-fA-F]|$))
    | (?P<close></)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
#: Nearly every value has none of these, and needs no second look.
_DOUBTFUL = re.compile(r"""["'\\@\[]|/\*|url\(|src\(|</""", re.IGNORECASE)
_IN_FONT = re.compile(r"""(["'])[\w .-]{0,64}\1?""")
_ICON = re.compile(r"(?:\\[0-9a-fA-F]{1,6}\s?|[^\\\w]|[^\\]){0,4}", re.DOTALL)
#: Attributes whose values agents get, so that a rule may name them.
_TOLD = frozenset({"class", "id", "type", "role", "dir", "lang", "open", "hidden", "disabled"})
_PLAIN = re.compile(r"[\w :./-]{0,64}")
_PROPERTY = re.compile(r"-{0,2}[A-Za-z][\w-]{0,63}")
_DECLARATION = re.compile(
    r"""(?<![\w-])(?P<name>-{0,2}[A-Za-z][\w-]*+)\s*+:(?P<value>(?:"[^"]*"|'[^']*'|\((?:"[^"]*"|[^()"]|\([^()]*\))*+\)|[^;"'()])*+)"""
)
#: What a property of the shop's own may be in a style attribute: lengths, colours, other such properties.
_OWN = re.compile(
    r"(?:[-+]?[\d.]++[a-z%]{0,5}|#[0-9a-f]{3,8}|(?:rgb|hsl|var)a?\([-\w\s.,%/]*\)|[\s,/])*+", re.IGNORECASE
)
_IMPORTED = re.compile(rf"@import\s*(?:url\(\s*)?({_STRING}|[^\s;)]+)", re.IGNORECASE | re.DOTALL)


class ViewStyles:
    """The style sheets of one page."""

    def __init__(self, addresses: ViewAddresses) -> None:
        self._addresses = addresses

    def sheet(self, css: str, pictures: bool = True) -> str:
        """Rules or declarations as agents get them; without ``pictures`` nothing in them is loaded."""
        if not _DOUBTFUL.search(css):
            return css
        return _TOKEN.sub(lambda found: self._token(found, pictures), css)

    def inline(self, css: str, pictures: bool = True) -> str:
        """A style attribute: its declarations. The shop's own properties tell lengths and colours alone."""
        told = self.sheet(css, pictures)
        kept = [each for each in _DECLARATION.finditer(told) if _is_plain(each["name"], each["value"])]
        rest = _DECLARATION.sub("", told) if len(kept) == len(_DECLARATION.findall(told)) else "x"
        return told if not rest.strip("; \t\n\r\f") else ";".join(each[0].strip() for each in kept)

    def value(self, name: str, value: str, pictures: bool = True) -> str | None:
        """The value of one property; None where the property is none."""
        if not _PROPERTY.fullmatch(name):
            return None
        return self.sheet(f"{name}:{value}", pictures)[len(name) + 1 :]

    def properties(self, style: dict[Any, Any], pictures: bool = True) -> dict[str, Any]:
        """Single properties as rrweb tells them: a value, one with its priority, or False for a gone one."""
        told: dict[str, Any] = {}
        for name, value in style.items():
            if not isinstance(name, str) or not _PROPERTY.fullmatch(name):
                continue
            if value is False:
                told[name] = False
            elif isinstance(value, str):
                told[name] = self.value(name, value, pictures) if _is_plain(name, value) else ""
            elif isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
                priority = "important" if value[1] == "important" else ""
                told[name] = [
                    self.value(name, value[0], pictures) if _is_plain(name, value[0]) else "",
                    priority,
                ]
        return told

    def _token(self, found: re.Match[str], pictures: bool) -> str:
        match found.lastgroup:
            case "comment":
                return found[0] if found[0] == _SPLIT else ""
            case "import":
                return self._import(found[0], pictures)
            case "url":
                return self._url(found, pictures)
            case "named":
                return re.sub(
                    _STRING, lambda each: each[0] if _IN_FONT.fullmatch(each[0]) else '""', found[0]
                )
            case "attribute":
                return self._attribute(found)
            case "string":
                return found[0] if _is_icon(found[0]) else '""'
            case "escape":
                return found[0] if _harmless_escape(found[0]) else "_"
            case "close":
                return ""
            case _:
                return found[0]

    def _url(self, found: re.Match[str], pictures: bool) -> str:
        told = _unquoted(found["quoted"]) if found["quoted"] else found["bare"]
        if re.fullmatch(r"#[A-Za-z][\w-]{0,63}", told):
            return f"url({told})"
        allowed = self._addresses.asset(told) if pictures else None
        return f'url("{allowed}")' if allowed and '"' not in allowed and "\\" not in allowed else 'url("")'

    def _import(self, rule: str, pictures: bool) -> str:
        found = _IMPORTED.match(rule)
        told = _unquoted(found[1]) if found else ""
        allowed = self._addresses.asset(told) if pictures and told else None
        return f'@import "{allowed}";' if allowed and '"' not in allowed and "\\" not in allowed else ""

    def _attribute(self, found: re.Match[str]) -> str:
        name, value = found["name"].lower(), _unquoted(found["value"])
        told = name in _TOLD and _PLAIN.fullmatch(value)
        if told or value.lower() in STATES:
            return found[0]
        return f'[{found["name"]}{found["test"]}""]'


def _is_plain(name: str, value: str) -> bool:
    return not name.startswith("--") or bool(_OWN.fullmatch(value))


def _is_icon(string: str) -> bool:
    """Whether a string is what icon fonts and quotes are made of: a few signs."""
    return bool(_ICON.fullmatch(_unquoted(string)))


def _unquoted(text: str) -> str:
    if text[:1] in ("'", '"'):
        return text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
    return text


def _harmless_escape(escape: str) -> bool:
    """Whether it stands for no letter: ``\\75rl(`` would be read as ``url(``."""
    told = escape[1:].strip()
    try:
        sign = chr(int(told, 16)) if re.fullmatch(r"[0-9a-fA-F]+", told) else told
    except (ValueError, OverflowError):
        return False
    return not sign.isalpha()
