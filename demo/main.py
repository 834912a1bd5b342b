"""``ringback demo``: starts every part, says where to look, and ends them all together."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from rich.console import Console
from rich.panel import Panel

from demo.call_story import OperatorSide
from demo.cast import open_cast
from demo.clicks import clicks
from demo.errors import DemoError
from demo.last_week import keep_last_week, last_week
from demo.page import create_page
from demo.preflight import check_libraries, check_page, check_port, files_of_demos, has_voice
from demo.server_process import obituary, open_server
from demo.settings import AGENT, AGENT_LABEL, DATABASE, OPERATOR, DemoKeys, write_settings
from phones.control import NotReportedError, PhoneError

DEFAULT_PORT = 8800
_LOOK_SECONDS = 0.4
_NO_VOICE = (
    "[yellow]espeak-ng is not installed: you will hear a beep wherever a synthetic voice would speak.\n"
    "sudo apt-get install espeak-ng[/yellow]\n\n"
)


def run(port: int = DEFAULT_PORT, *, console: Console | None = None) -> int:
    """Ringback, a demo shop and simulated phones on this computer, until Ctrl-C. Returns the exit code."""
    console = console or Console()
    try:
        build = check_page()
        check_libraries()
        check_port(port, "the shop's page")
        check_port(port + 1, "Ringback")
        asyncio.run(_run(port, build, _fresh_folder(port), console))
    except DemoError as error:
        console.print(Panel(str(error), title="The demo cannot run", border_style="red", padding=(1, 2)))
        if error.log:
            console.out(error.log, highlight=False)
        return 1
    except BaseExceptionGroup as group:
        broken = group.subgroup((PhoneError, NotReportedError))
        if broken is None or group.split((PhoneError, NotReportedError))[1] is not None:
            raise
        console.print(Panel(str(_first(broken)), title="A simulated phone broke", border_style="red"))
        return 1
    console.print("The demo has ended; nothing of it is left running.")
    return 0


async def _run(port: int, build: Path, folder: Path, console: Console) -> None:
    page_url, api = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    stop = asyncio.Event()

    def tell(who: str, what: str) -> None:
        console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim]  [bold]{who}[/bold] {what}", highlight=False)

    with console.status("Starting the simulated phones and Ringback…") as status:
        async with contextlib.AsyncExitStack() as stack:
            with _ctrl_c_is_ours():
                cast = await stack.enter_async_context(open_cast(folder, tell))
                settings, keys = write_settings(
                    folder,
                    page_port=port,
                    api_port=port + 1,
                    shopper_port=cast.shopper.port,
                    desk_ports={name: phone.port for name, phone in cast.stores.items()},
                )
                await keep_last_week(folder / DATABASE, last_week(time.time(), page_url))
                log = folder / "ringback.log"
                server = await stack.enter_async_context(open_server(settings, api, log))
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=api, timeout=5.0))
            operator, click = OperatorSide(client, keys.admin), clicks(client, page_url)
            app = create_page(build, api, operator, cast.heard, click=click, keys=keys)
            status.stop()
            console.print(_welcome(page_url, api, keys, settings, log))
            playing = cast.play(click, lambda: _meet(operator))
            await _live(PageServer(app, port), playing, server, stop, log)
            console.print("Hanging up…")


async def _live(
    page: PageServer,
    play: Coroutine[Any, Any, None],
    server: asyncio.subprocess.Process,
    stop: asyncio.Event,
    log: Path,
) -> None:
    """Until somebody stops the demo, or a part of it ends by itself."""
    async with asyncio.TaskGroup() as parts:
        serving = parts.create_task(page.serve())
        playing = parts.create_task(play)
        stopping = parts.create_task(stop.wait())
        leaving = parts.create_task(server.wait())
        await asyncio.wait({serving, playing, stopping, leaving}, return_when=asyncio.FIRST_COMPLETED)
        failed = obituary(server, log) if leaving.done() and not stop.is_set() else None
        page.should_exit = True
        for part in (playing, stopping, leaving):
            part.cancel()
    if failed:
        raise failed


async def _meet(operator: OperatorSide) -> None:
    """Return when the agent talks with a shopper."""
    while True:
        if await operator.talking_with(AGENT_LABEL):
            return
        await asyncio.sleep(_LOOK_SECONDS)


class PageServer(uvicorn.Server):
    """A web server that leaves signals to us."""

    def __init__(self, app: object, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,  # type: ignore[arg-type]
                host="127.0.0.1",
                port=port,
                log_level="warning",
                timeout_graceful_shutdown=1,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.contextmanager
def _ctrl_c_is_ours() -> Iterator[None]:
    """Let the child processes that start meanwhile never see Ctrl-C: we end them, in order."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _welcome(page_url: str, api: str, keys: DemoKeys, settings: Path, log: Path) -> Panel:
    return Panel(
        f"Open  [bold link={page_url}/]{page_url}/[/]  in a browser on this computer,\n"
        'press "Talk by Phone" or "Talk by PC", choose how the call goes, and watch it.\n'
        "Afterwards the page plays what each side heard.\n\n"
        f"A guided chat is at  [bold link={page_url}/radiators]{page_url}/radiators[/].\n\n"
        f"To answer calls in a browser, open  [bold link={api}/agent/]{api}/agent/[/]\n"
        f"as [bold]{AGENT}[/] with the password [bold]{keys.password}[/] (this demo's alone).\n"
        f"Reports and settings are at  [bold link={api}/portal/]{api}/portal/[/]\n"
        f"for [bold]{OPERATOR}[/] with the password [bold]{keys.operator}[/].\n\n"
        f"{'' if has_voice() else _NO_VOICE}"
        f"[dim]Ringback   {api}   (its API: {api}/openapi.json)\n"
        f"Settings   {settings}\n"
        f"Log        {log}\n"
        "End it all with Ctrl-C.[/dim]",
        title="Ringback demo",
        border_style="green",
        padding=(1, 2),
    )


def _fresh_folder(port: int) -> Path:
    """An empty folder for this demo's files; what an earlier one on the same port left is deleted."""
    folder = files_of_demos() / f"demo-{port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
