"""What the pages behind the links of mails and messages share: plain HTML without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse, Response

#: Ink, ground and the card of the page; {accent} and {on_accent} by day and by night.
_STYLE = """
:root {{ color-scheme: light dark; --ink: #1c2430; --soft: #5a6472; --paper: #fff; --ground: #eef1f5;
  --accent: {accent}; --on-accent: #fff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e8ebf0; --soft: #a9b2be; --paper: #1d232c;
  --ground: #12161c; --accent: {dark_accent}; --on-accent: {on_dark_accent}; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }}
main {{ width: 100%; max-width: {width}; padding: 2rem 1.5rem; background: var(--paper); border-radius: 1rem;
  box-shadow: 0 .25rem 1.5rem rgb(0 0 0 / .12); }}
"""
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{site}<h1>{title}</h1>
{body}</main>
</body>
</html>
"""


class LinkPage:
    """The look of such a page, and its headers, by which nothing but that look is loaded.

    ``width`` and the accents are CSS values, ``style`` the rules of this page alone.
    """

    def __init__(self, *, width: str, accent: str, dark_accent: str, on_dark_accent: str, style: str) -> None:
        common = _STYLE.format(
            width=width, accent=accent, dark_accent=dark_accent, on_dark_accent=on_dark_accent
        )
        self._style = common + style
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self.headers: Mapping[str, str] = {
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Frame-Options": "DENY",
            "X-Robots-Tag": "noindex",
        }

    def html(
        self,
        title: str,
        body: str,
        *,
        site: str = "",
        language: str = "en",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A page with this title, which is text, and this body, which is HTML."""
        line = f'<p class="site">{escape(site)}</p>\n' if site else ""
        page = _PAGE.format(
            language=language, title=escape(title, quote=False), style=self._style, site=line, body=body
        )
        return HTMLResponse(page, status, headers)
