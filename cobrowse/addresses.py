"""Which addresses agents' browsers may load, and what of an address agents are shown."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from cobrowse.words import card_spans_in
from config.sections.page_push import LONGEST_URL, origin_of

#: Characters of a picture that stands in the page itself.
LONGEST_DATA = 32 * 1024 * 4 // 3
#: Judged addresses that are kept; a page names the same few again and again.
_MOST_KEPT = 500
_RASTER = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon);base64,[A-Za-z0-9+/=\s]*+",
    re.IGNORECASE,
)
_SVG = re.compile(
    r"data:image/svg\+xml(?:;charset=[\w-]+|;utf-?8)*(;base64)?,(.*)", re.IGNORECASE | re.DOTALL
)
#: What a drawing may consist of: shapes, and nothing that says anything or loads anything.
_SVG_TAG = re.compile(
    r"""<(?:/(?P<close>[a-zA-Z]+)\s*|(?P<open>[a-zA-Z]+)(?P<attributes>(?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*+)\s*/?)>"""
)
_SVG_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_SHAPES = frozenset(
    {"svg", "g", "path", "circle", "ellipse", "line", "polygon", "polyline", "rect", "defs", "lineargradient",
     "radialgradient", "stop", "clippath", "mask"}
)  # fmt: skip
_SHAPE_VALUE = re.compile(r"[-+\d\s.,#%a-z()A-Z:/]{0,20000}")
_SHAPE_ATTRIBUTES = frozenset(
    {"d", "viewbox", "width", "height", "fill", "stroke", "stroke-width", "stroke-linecap",
     "stroke-linejoin", "stroke-miterlimit", "fill-rule", "clip-rule", "cx", "cy", "r", "rx", "ry", "x",
     "y", "x1", "x2", "y1", "y2", "points", "transform", "opacity", "fill-opacity", "stroke-opacity",
     "xmlns", "version", "offset", "stop-color", "stop-opacity", "gradientunits", "gradienttransform",
     "preserveaspectratio"}
)  # fmt: skip
#: Of a query only what says how a picture is made is passed on.
_PICTURE_KEYS = frozenset(
    {"w", "h", "width", "height", "q", "quality", "dpr", "fit", "crop", "format", "fm", "auto", "f", "scale",
     "size", "s", "v", "ver", "version", "rev"}
)  # fmt: skip
_PICTURE_VALUE = re.compile(
    r"\d{1,5}(?:[x.]\d{1,5})*+|[0-9a-f]{6,40}|webp|avif|jpe?g|png|gif|svg|auto|compress|cover|contain|crop|clip"
    r"|max|min|fill|pad|center|top|bottom|left|right|faces?|entropy"
)
_FRAGMENT = re.compile(r"[A-Za-z][\w-]{0,63}")


class ViewAddresses:
    """The addresses of one page."""

    def __init__(self, page_url: str, origins: Iterable[str]) -> None:
        self._page = page_url if origin_of(page_url) else ""
        self._origins = frozenset(origins)
        self._kept: dict[str, str | None] = {}

    def asset(self, url: str) -> str | None:
        """The address of a picture, style sheet or font as agents' browsers may load it; None for none."""
        if url not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            if len(url) > LONGEST_URL:
                return self._judge(url)  # large ones are not kept
            self._kept[url] = self._judge(url)
        return self._kept[url]

    def _judge(self, url: str) -> str | None:
        if url[:5].lower() == "data:":
            return url if len(url) <= LONGEST_DATA and _harmless(url) else None
        full = self._full(url)
        if full is None or (origin := origin_of(full)) not in self._origins or origin is None:
            return None
        parts = urlsplit(full)
        if card_spans_in(parts.path):
            return None
        query = [
            (key, value)
            for key, value in parse_qsl(parts.query)
            if key in _PICTURE_KEYS and _PICTURE_VALUE.fullmatch(value)
        ]
        is_sprite = parts.path.endswith(".svg") and _FRAGMENT.fullmatch(parts.fragment)
        fragment = f"#{parts.fragment}" if is_sprite else ""
        return f"{origin}{parts.path}{'?' if query else ''}{urlencode(query)}{fragment}"

    def _full(self, url: str) -> str | None:
        if len(url) > LONGEST_URL:
            return None
        if re.match(r"https?://", url, re.IGNORECASE):
            return url
        if not self._page or ":" in url.split("/", 1)[0] or not re.search(r"[/.]", url):
            return None
        try:
            return urljoin(self._page, url)
        except ValueError:
            return None


def shown_address(url: str) -> str:
    """What agents read of a page's address: without its query and fragment, which hold sessions and names."""
    origin = origin_of(url)
    if origin is None:
        return ""
    path = urlsplit(url).path
    return origin + ("/" if card_spans_in(path) else path)


def _harmless(url: str) -> bool:
    """Whether a ``data:`` address is a picture: of pixels, or a drawing of shapes alone."""
    if _RASTER.fullmatch(url):
        return True
    found = _SVG.fullmatch(url)
    if found is None:
        return False
    try:
        text = b64decode(found[2], validate=True).decode() if found[1] else unquote(found[2])
    except (Base64Error, ValueError):
        return False
    if _SVG_TAG.sub("", text).strip():
        return False
    return all(_harmless_tag(tag) for tag in _SVG_TAG.finditer(text))


def _harmless_tag(tag: re.Match[str]) -> bool:
    if (tag["close"] or tag["open"]).lower() not in _SHAPES:
        return False
    return all(
        found[1].lower() in _SHAPE_ATTRIBUTES and _SHAPE_VALUE.fullmatch(found[2] or found[3] or "")
        for found in _SVG_ATTRIBUTE.finditer(tag["attributes"] or "")
    )
