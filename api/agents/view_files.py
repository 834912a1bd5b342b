"""``/agent/view/``: the document in which an agent sees a shopper's page, with a policy of its own.

What is replayed there comes from a stranger's browser. So nothing in it runs, sends or embeds anything, and
pictures, styles and fonts come from that shop's own hosts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from api.routes import UrlRow, for_people
from config.models import Config
from views.live import LiveView

_HEADERS = {
    "Permissions-Policy": "microphone=(), autoplay=(), camera=(), geolocation=(), display-capture=()",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-cache",
}


class ViewFiles:
    """Serves the document.

    ``origins`` tells where pictures, styles and fonts of a view may come from; ``folder`` is the build of the
    agents' page, which may be missing.
    """

    def __init__(self, origins: Callable[[str], Collection[str]], folder: Path) -> None:
        self._origins = origins
        self._files = StaticFiles(directory=folder / "view", html=True, check_dir=False)

    def routes(self) -> tuple[UrlRow, ...]:
        """Its address; its files are among those of the agents' page."""
        return for_people("/agent/view/", self.show, _HEADERS)

    async def show(self, request: Request) -> Response:
        """The document of ``?view=``; of one that is over it shows no picture."""
        answer = await self._files.get_response(".", request.scope)
        view = request.query_params.get("view", "")
        answer.headers["Content-Security-Policy"] = view_policy(self._origins(view))
        return answer


def picture_origins(live: LiveView | None, config: Config) -> frozenset[str]:
    """Where pictures, styles and fonts of a view's pages come from: the hosts of its site alone."""
    site = config.sites.get(live.site) if live is not None else None
    if live is None or site is None:
        return frozenset()
    return frozenset((*site.origins, *live.settings.assets))


def view_policy(origins: Collection[str]) -> str:
    """The Content-Security-Policy of the document, and of what is replayed in it, which inherits it."""
    hosts = "".join(f" {origin}" for origin in sorted(origins))
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; "
        f"style-src 'self' 'unsafe-inline'{hosts}; img-src data:{hosts}; font-src data:{hosts}; "
        "frame-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
