"""uvicorn inside the core's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from config.fields import HostPort
from webrtc.signalling import LONGEST_MESSAGE


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
            "End the program that uses it, or choose another server.listen."
        ) from error
    return bound


class HttpServer:
    """Serves an application on a bound socket until it is stopped."""

    def __init__(self, app: FastAPI, bound: socket.socket) -> None:
        self._bound = bound
        self._uvicorn = _Embedded(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=LONGEST_MESSAGE,
                timeout_graceful_shutdown=3,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to serve; returns when requests are taken."""
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
