"""``ringback serve``: the core process from its first line to its last."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path
from typing import Any

import structlog
import uvloop
from twisted.internet import asyncioreactor

from config.problems import ConfigError
from media.service import MediaStartError
from routing.load import load_in_parts
from server.checks import FURTHER_CHECKS
from server.http import ListenError
from server.logs import set_up_logs, tell_of_repeats
from server.settings import CurrentSettings, tell_left_out
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: What an operator must fix before the server can start; the text says how.
START_ERRORS = (ListenError, MediaStartError, StoreError)
#: Seconds between two looks for lines of the log that were held back.
LOOK_FOR_REPEATS = 10.0


def serve(file: Path) -> int:
    """Run a node until SIGTERM or SIGINT; returns the exit code: 0, or 1 when it could not start.

    A second SIGTERM or SIGINT while it drains ends the live calls at once. :class:`ConfigError` where the
    file is not right.
    """
    loaded = load_in_parts(file, further=FURTHER_CHECKS)
    set_up_logs(loaded.config.server.log_format, loaded.config.server.log_level)
    tell_left_out(loaded)
    for warning in loaded.warnings:
        log.warning("config_warning", at=warning.line(file))
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    from server.node import Node  # what it imports may import the reactor, which is now the right one

    core: Any = reactor
    exit_code = 0

    async def live() -> None:
        nonlocal exit_code
        try:
            node = Node(core, loop, loaded)
            await node.start()
        except START_ERRORS as error:
            log.debug("start_failed", error=str(error))
            print(f"ringback: {error}", file=sys.stderr)
            exit_code = 1
        else:
            # All that was made so far stays. Looked through for garbage with the calls, it costs each of them
            # half a millisecond, and makes them wait for 0.2 s now and then.
            gc.collect()
            gc.freeze()
            stopping = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, lambda: node.hurry() if stopping.is_set() else stopping.set())
            loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(_reload(node.settings)))
            await stopping.wait()
            await node.stop()
        core.stop()

    def look_for_repeats() -> None:
        tell_of_repeats()
        loop.call_later(LOOK_FOR_REPEATS, look_for_repeats)

    def begin() -> None:
        look_for_repeats()
        loop.create_task(live()).add_done_callback(crashed)

    def crashed(task: asyncio.Task[None]) -> None:
        nonlocal exit_code
        if task.exception() is not None:
            log.critical("core_failed", exc_info=task.exception())
            exit_code = 1
            core.stop()

    core.callWhenRunning(begin)
    core.run(installSignalHandlers=False)
    tell_of_repeats(everything=True)
    return exit_code


async def _reload(settings: CurrentSettings) -> None:
    try:
        await settings.reload()
    except ConfigError as error:
        log.debug("reload_failed", problems=len(error.problems))  # CurrentSettings has logged every problem
