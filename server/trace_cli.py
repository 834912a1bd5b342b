"""``ringback trace``: the SIP messages of a call or a trunk, as they pass."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer

from api.operator.models import TracedMessage
from bridge.utc import time_of_day
from config.fields import HostPort, parse_host_port
from server.hep import packet
from server.listing import count_of, printable
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile, FullNumbers


def trace(
    config: ConfigFile,
    call: Annotated[
        str, typer.Option(help="Only this live call: its id, or at least its first four characters.")
    ] = "",
    trunk: Annotated[str, typer.Option(help="Only this trunk.")] = "",
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Seconds to trace.")] = 60.0,
    save: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
    hep: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Send to this HEP3 server (Homer, sngrep) over UDP.")
    ] = "",
    full_numbers: FullNumbers = False,
    as_json: AsJson = False,
) -> None:
    """Show SIP messages as they pass, without passwords, keys, pressed digits or data of shoppers."""
    target = _target(hep)
    with contextlib.ExitStack() as stack:
        output = sys.stdout if save is None else stack.enter_context(save.open("w", encoding="utf-8"))
        sinks: list[Callable[[TracedMessage], None]] = []
        if target is not None:
            sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sinks.append(lambda message: _send(sender, target, message))
        if target is None or save is not None:
            sinks.append(lambda message: _write(output, message, as_json))
        count = 0
        with contextlib.suppress(KeyboardInterrupt):
            for message in OperatorClient(config).trace(call, trunk, seconds, full_numbers or as_json):
                count += 1
                for sink in sinks:
                    sink(message)
    print(count_of(count, "message"), file=sys.stderr)


def _target(text: str) -> HostPort | None:
    if not text:
        return None
    try:
        target = parse_host_port(text)
        address = socket.getaddrinfo(target.host, target.port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="--hep") from None
    return HostPort(str(address), target.port)


def _send(sender: socket.socket, target: HostPort, message: TracedMessage) -> None:
    ours, theirs = (message.local_address, message.local_port), (message.peer_address, message.peer_port)
    sender.sendto(
        packet(
            at=message.at,
            source=ours if message.sent else theirs,
            destination=theirs if message.sent else ours,
            transport=message.transport,
            payload=message.text.encode("utf-8", "replace"),
            correlation=message.call_id or message.trunk,
        ),
        tuple(target),
    )


def _write(output: TextIO, message: TracedMessage, as_json: bool) -> None:
    for line in (message.model_dump_json(),) if as_json else _lines(message):
        print(line, file=output, flush=True)


def _lines(message: TracedMessage) -> Iterator[str]:
    arrow = "-->" if message.sent else "<--"
    about = " ".join(each for each in (message.trunk, message.leg_id) if each)
    here = f"{message.local_address}:{message.local_port}"
    there = f"{message.peer_address}:{message.peer_port}"
    yield f"{time_of_day(message.at)} {message.transport} {here} {arrow} {there} {about}"
    for line in message.text.splitlines():
        yield f"  {printable(line)}".rstrip()
    yield ""
