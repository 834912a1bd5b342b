"""A built page of our own, such as ``/agent/``: its files, and headers that allow what it does alone."""

from __future__ import annotations

import posixpath
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from api.routes import UrlRow, for_people

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "Permissions-Policy": "microphone=(self), autoplay=(self), camera=(), geolocation=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
#: Files there bear a digest of themselves in their names.
_ASSETS = "assets/"


class OwnPageFiles:
    """Serves a folder, which may be missing, at ``/NAME/``.

    ``what`` is the page in words; ``frames``: whether it shows documents of this server in frames.
    """

    def __init__(self, name: str, what: str, folder: Path, *, frames: bool = False) -> None:
        policy = _HEADERS["Content-Security-Policy"]
        self._headers = _HEADERS | (
            {"Content-Security-Policy": f"{policy}; frame-src 'self'"} if frames else {}
        )
        self._name = name
        self._what = what
        self._folder = folder
        self._files = StaticFiles(directory=folder, html=True, check_dir=False)

    def routes(self) -> tuple[UrlRow, ...]:
        """The page's addresses."""
        return (
            *for_people(f"/{self._name}", self.enter, self._headers),
            *for_people(f"/{self._name}/{{path:path}}", self.show, self._headers),
        )

    async def enter(self) -> Response:
        """Go to the page, whatever path a proxy has put before it."""
        return RedirectResponse(f"{self._name}/", 307)

    async def show(self, request: Request) -> Response:
        """One file."""
        path: str = request.path_params["path"]
        if not (self._folder / "index.html").is_file():
            told = f"{self._what} is not built: run `make web` in Ringback's folder, and reload this page.\n"
            return PlainTextResponse(told, 404)
        answer = await self._files.get_response(_plain(path), request.scope)
        lasting = path.startswith(_ASSETS) and answer.status_code in (200, 206, 304)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return answer


def _plain(path: str) -> str:
    """The path without dots; those that lead out of the folder are refused by Starlette."""
    return posixpath.normpath(path or ".")
