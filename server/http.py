"""uvicorn inside the core's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

from api.problems import Problem
from config.fields import HostPort
from config.sections.server import Server
from server.connections import IDLE_TIMEOUT, Lobby, protocols
from webrtc.signalling import LONGEST_MESSAGE

log = structlog.get_logger(__name__)

#: Open files that are left to workers, the database and Asterisks.
FILES_OF_OTHERS = 256


class ListenError(Exception):
    """The HTTP address cannot be listened on."""


class _Embedded(uvicorn.Server):
    """A uvicorn that leaves the process's signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(listen: HostPort) -> socket.socket:
    """The listening socket, bound before anything else starts; :class:`ListenError` says what to do."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(tuple(listen))
    except OSError as error:
        bound.close()
        raise ListenError(
            f"cannot listen on {listen}: {error.strerror}. "
            "End the program that uses it, or choose another server.listen_address."
        ) from error
    return bound


class HttpServer:
    """Serves an application on a bound socket until it is stopped.

    ``settings`` are those in force; ``refused`` hears of each request that never reached the application.
    """

    def __init__(
        self,
        app: ASGIApp,
        bound: socket.socket,
        settings: Callable[[], Server],
        refused: Callable[[Problem], None],
    ) -> None:
        self._bound = bound
        self._lobby = Lobby(settings, refused, _room(settings().connections))
        http, web_socket = protocols(self._lobby)
        self._uvicorn = _Embedded(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                http=http,
                ws=web_socket,
                timeout_keep_alive=int(IDLE_TIMEOUT),
                ws_max_size=LONGEST_MESSAGE,
                # It costs a page more memory than all else, for messages of some 300 bytes. And their length
                # would tell whether what a stranger writes is like what stands beside it.
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=3,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to serve; returns when requests are taken."""
        if self._lobby.settings().connections > self._lobby.room:
            log.warning(
                "few_open_files",
                connections=self._lobby.room,
                wanted=self._lobby.settings().connections,
                hint="raise the hard limit of open files (LimitNOFILE of systemd, ulimit -Hn)",
            )
        self._serving = asyncio.ensure_future(self._uvicorn.serve(sockets=[self._bound]))
        while not self._uvicorn.started:
            if self._serving.done():
                await self._serving
                raise ListenError("the HTTP server ended at its start")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Finish the requests under way, for three seconds at most, and close."""
        self._uvicorn.should_exit = True
        if self._serving is not None:
            await self._serving


def _room(wanted: int) -> int:
    """How many connections the open files of this process leave room for, once it has asked for enough."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + FILES_OF_OTHERS
    if files != resource.RLIM_INFINITY and files < needed:
        files = needed if most == resource.RLIM_INFINITY else min(needed, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return wanted if files == resource.RLIM_INFINITY else max(16, files - FILES_OF_OTHERS)
