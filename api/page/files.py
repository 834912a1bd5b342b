"""The loader at ``/p/SITE_KEY.js``, and the files that it loads, at ``/p/files/NAME-HASH.js``.

Shops load them into pages of other origins, which may isolate themselves (COEP) or proxy them. So they may be
embedded anywhere, unlike everything else, and are cached: the loader for minutes, as its address stays when
it changes; the rest for good, as each bears a digest of itself in its name.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.routes import UrlRow, for_people
from config.models import Config

#: Seconds for which browsers keep the loader without asking; and what they get on in bad times.
_LOADER_AGE = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
#: Seconds until a build under the running server is noticed.
LOOK_AGAIN = 2.0
_FOR_GOOD = "public, max-age=31536000, immutable"
_EMBEDDABLE = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,100}")
_SCRIPT = "text/javascript; charset=utf-8"
_NO_SITE = (
    "/* Ringback: no site of this server has this key. Compare the address of this script with `key` of the "
    "site in the config file. */\n"
)
_NOT_BUILT = "/* Ringback: the loader is not built. Run `make web` in Ringback's folder. */\n"


@dataclass(frozen=True, slots=True)
class _Content:
    """A file as it is served."""

    stamp: tuple[int, int]
    plain: bytes
    zipped: bytes
    etag: str


class _Folder:
    """Files read once, and again where they have changed: a build replaces them under a running server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: dict[str, _Content] = {}

    def content(self, name: str) -> _Content | None:
        """A file directly in the folder."""
        try:
            stat = (self.path / name).stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(name)
            if known is None or known.stamp != stamp:
                plain = (self.path / name).read_bytes()
                etag = hashlib.sha256(plain).hexdigest()[:20]
                known = self._read[name] = _Content(stamp, plain, gzip.compress(plain, 9, mtime=0), etag)
        except OSError:
            return None
        return known


class PageFiles:
    """Serves the builds of the loader and of what it loads; any of the folders may be missing.

    ``folders``: the first one holds ``loader.js``; others ``page-HASH.js``, which
    follows the page, and ``panel-HASH.js``.
    """

    def __init__(self, config: Callable[[], Config], folders: Sequence[Path]) -> None:
        self._config = config
        self._folders = [_Folder(path) for path in folders]
        #: What was the newest of each name, and when that was looked up.
        self._found: dict[str, tuple[float, str]] = {}

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of the loader and the files."""
        return (
            *for_people("/p/files/{name}", self.file, {**_EMBEDDABLE, "Cache-Control": _FOR_GOOD}),
            *for_people("/p/{key}.js", self.loader, {**_EMBEDDABLE, "Cache-Control": _LOADER_AGE}),
        )

    def widget(self) -> str:
        """The address of the panel after the loader's base; empty where none is built."""
        return self._newest("panel")

    def follow(self) -> str:
        """The address of the module that follows the page; empty where none is built."""
        return self._newest("page")

    def _newest(self, name: str) -> str:
        """Every page's answer has it, so the disk is asked now and then only."""
        now = time.monotonic()
        looked_at, found = self._found.get(name, (-LOOK_AGAIN, ""))
        if now - looked_at >= LOOK_AGAIN:
            found = self._look_for(name)
            self._found[name] = (now, found)
        return found

    def _look_for(self, name: str) -> str:
        for folder in self._folders:
            found = sorted(folder.path.glob(f"{name}-*.js"), key=lambda file: file.stat().st_mtime)
            if found:
                return f"p/files/{found[-1].name}"
        return ""

    async def loader(self, request: Request) -> Response:
        """The loader, the same for every site: it reads the key from its own address."""
        key: str = request.path_params["key"]
        if not any(site.key == key for site in self._config().sites.values()):
            return _missing(_NO_SITE)
        content = self._folders[0].content("loader.js")
        return _missing(_NOT_BUILT) if content is None else _answer(request, content, _SCRIPT)

    async def file(self, request: Request) -> Response:
        """One file."""
        name: str = request.path_params["name"]
        kind = _TYPES.get(Path(name).suffix)
        if kind is None or not _NAME.fullmatch(name):
            return _missing("")
        for folder in self._folders:
            if (content := folder.content(name)) is not None and name != "loader.js":
                return _answer(request, content, f"{kind}; charset=utf-8")
        return _missing("/* Ringback: there is no such file in this version. */\n")


def _missing(why: str) -> Response:
    """Not to be cached: it may be there in a moment."""
    return PlainTextResponse(why, 404, headers={"Cache-Control": "no-store"}, media_type=_SCRIPT)


def _answer(request: Request, content: _Content, kind: str) -> Response:
    etag = f'"{content.etag}"'
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"ETag": etag, "Vary": "Accept-Encoding"}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(content.zipped if zipped else content.plain, headers=headers, media_type=kind)
