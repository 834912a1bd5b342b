"""Which pages may talk to us: the sites' origins, for CORS (Fetch standard, section 3.2) and for calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, RequestError
from api.routes import RouteTable
from config.models import Config
from config.sections.sites import Site

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-Id",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = (b"access-control-expose-headers", b"Location, Retry-After, X-Request-Id")


@lru_cache(maxsize=1024)
def normal_origin(origin: str) -> str:
    """An origin as browsers write it (RFC 6454 section 6.2): small letters, no default port."""
    scheme, _, rest = origin.lower().partition("://")
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return f"{scheme}://{rest.removesuffix(default)}" if default else origin.lower()


def site_allows(site: Site, origin: str) -> bool:
    """Whether pages of this origin may ask for calls of this site."""
    return normal_origin(origin) in {normal_origin(each) for each in site.origins}


def own_url(headers: Headers, config: Config) -> str:
    """The public URL that a request was sent to: the server's, or that of a customer who has the host."""
    host = headers.get("host", "").lower()
    own = (customer.public_url for customer in config.customers.values())
    return next((url for url in own if url and _host(url) == host), config.server.public_url)


def _host(url: str) -> str:
    """Host, and port unless it is the default one, as browsers send it."""
    parts = urlsplit(url)
    return normal_origin(f"{parts.scheme}://{parts.netloc}").partition("://")[2]


def same_origin(headers: Headers, config: Config) -> bool:
    """Whether a page of our own asks: one of the public URL, or of the host that the request was sent to."""
    origin = normal_origin(headers.get("origin", ""))
    public = urlsplit(own_url(headers, config))
    host = origin.partition("://")[2]  # urlsplit raises for some of what a stranger may write
    return origin == normal_origin(f"{public.scheme}://{public.netloc}") or (
        host != "" and host == headers.get("host", "").lower()
    )


class Origins:
    """All sites' origins, worked out once for each configuration."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._of: Config | None = None
        self._known: frozenset[str] = frozenset()

    def known(self, origin: str) -> bool:
        """Whether some site names this origin."""
        config = self._config()
        if config is not self._of:
            self._known = frozenset(normal_origin(each) for s in config.sites.values() for each in s.origins)
            self._of = config
        return normal_origin(origin) in self._known


class Cors:
    """ASGI layer for addresses that sites' pages may ask: answers preflights, and lets those pages, and no
    others, read the answers.
    """

    def __init__(self, app: ASGIApp, table: RouteTable, origins: Origins) -> None:
        self._app = app
        self._table = table
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not self._table.for_sites(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        allowed = origin is not None and self._origins.known(origin)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                answers = message["headers"] = list(message["headers"])
                if all(name.lower() != b"vary" for name, _ in answers):
                    answers.append((b"vary", b"Origin"))
                else:
                    MutableHeaders(scope=message).add_vary_header("Origin")
                if allowed and origin is not None:
                    answers.append((b"access-control-allow-origin", origin.encode("latin-1")))
                    answers.append(_EXPOSED)
            await send(message)

        if scope["method"] == "OPTIONS" and origin and "access-control-request-method" in headers:
            await self._preflight(allowed)(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)

    @staticmethod
    def _preflight(allowed: bool) -> ASGIApp:
        if not allowed:
            return RequestError(Problem.ORIGIN_REFUSED).response()
        return Response(status_code=204, headers=_PREFLIGHT)
