"""The corpus: twelve pages with planted secrets, and what an agent should see of each.

Whatever an agent must never get contains the text ``SECRET``, or is one of the manifest's ``never``. Every
text that is private says so: what is left of a page's texts without them is what the agent's picture says.
"""

from __future__ import annotations

import functools
import html
import json
import subprocess
import tempfile
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

PAGES = Path(__file__).parent / "pages"
#: Where the line of Ringback goes in each page.
LINE = "<!--line-->"


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """One page, and what becomes of it."""

    file: str
    #: What it is an example of.
    of: str
    #: Texts that the agent sees.
    seen: tuple[str, ...]
    #: What it says once its ZIP code is filled in, and once its button is clicked.
    filled: str
    clicked: str
    #: Fields that no agent may fill, and buttons that none may click; as selectors.
    refused: tuple[str, ...]
    never_click: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The pages, the site's rules for them, and what must never pass."""

    rules: dict[str, list[str]]
    never: tuple[str, ...]
    #: A ZIP code to fill in.
    fill: str
    pages: tuple[CorpusPage, ...]

    def leaks(self, told: str) -> list[str]:
        """What of the secrets is in a text that an agent's browser got."""
        return [secret for secret in self.never if secret in told]


def manifest() -> Manifest:
    """What is written in ``pages/manifest.json``."""
    read: dict[str, Any] = json.loads((PAGES / "manifest.json").read_text(encoding="utf-8"))
    pages = (
        CorpusPage(**{key: tuple(value) if isinstance(value, list) else value for key, value in page.items()})
        for page in read["pages"]
    )
    return Manifest(read["rules"], tuple(read["never"]), read["fill"], tuple(pages))


@functools.cache
def body_of(file: str) -> str:
    """What stands in the body of a page of the corpus."""
    return (PAGES / file).read_text(encoding="utf-8").partition("<body>")[2].partition("</body>")[0]


def bundles() -> Path:
    """The folder with the bundles of React, Vue and Lit, built once a process."""
    folder = Path(_folder().name)
    subprocess.run(["node", PAGES / "build.mjs", folder], check=True, timeout=60)
    return folder


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="ringback-corpus-")


async def answer(request: Request, line: str = "") -> Response:
    """What the shop answers below ``/pages/``; ``line`` is what embeds Ringback."""
    name = request.url.path.removeprefix("/pages/")
    if name.startswith("built/") and (bundle := bundles() / name.removeprefix("built/")).is_file():
        return FileResponse(bundle)
    file = PAGES / name
    if file.parent != PAGES or not file.is_file():
        return Response(status_code=404)
    if file.suffix != ".html":
        return FileResponse(file)
    text = file.read_text(encoding="utf-8").replace(LINE, line)
    if name == "error.html":
        form = dict(urllib.parse.parse_qsl((await request.body()).decode()))
        told = {
            "PROBLEM": "This mail address is known already." if form else "",
            "MAIL": form.get("mail", ""),
            "NUMBER": form.get("number", ""),
        }
        for mark, value in told.items():
            text = text.replace(mark, html.escape(value))
    return HTMLResponse(text)
