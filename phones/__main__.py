"""``python -m phones``: one simulated phone, told what to do by JSON lines on stdin, telling on stdout."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from phones import wire
from phones.user_agent import Setup, UserAgent

_PR_SET_PDEATHSIG = 1
_TURN_MS = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the phone until it is told to quit, its stdin closes, or its parent dies.

    ``arguments`` are those of the command line unless told.
    """
    options = _options(arguments)
    _die_with_parent(options.parent)
    try:
        script = wire.build(wire.Script, json.loads(options.script), "--script")
    except ValueError as error:
        sys.exit(f"phones: --script: {error}")
    # Whatever a library prints must not end up between our lines.
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def report(event: wire.Event) -> None:
        lines.write(wire.encode(event) + "\n")

    agent = UserAgent(
        Setup(
            name=options.name,
            port=options.port or free_port(),
            script=script,
            recordings=options.recordings,
            codecs=tuple(options.codecs.split(",")),
            srtp=options.srtp,
            tls_port=free_port() if options.tls_certificate else None,
            tls_certificate=options.tls_certificate,
            tls_key=options.tls_key,
        ),
        report,
    )
    _obey(agent, report)
    # pjsua2 aborts when Python takes its objects apart in the wrong order at exit.
    os._exit(0)


def free_port() -> int:
    """A port of 127.0.0.1 that is free for both UDP and TCP."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        ):
            udp.bind(("127.0.0.1", 0))
            port = int(udp.getsockname()[1])
            try:
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _obey(agent: UserAgent, report: wire.Report) -> None:
    os.set_blocking(0, False)
    waiting = b""
    while not agent.finished:
        agent.turn(_TURN_MS)
        try:
            data = os.read(0, 65536)
        except BlockingIOError:
            continue
        if not data:
            return
        *complete, waiting = (waiting + data).split(b"\n")
        for line in complete:
            try:
                command = wire.decode(line, wire.COMMANDS)
            except wire.WireError as error:
                report(wire.Failed(time.time(), str(error)))
            else:
                agent.perform(command)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m phones", description=__doc__)
    parser.add_argument("--name", default="phone")
    parser.add_argument(
        "--port", type=int, default=0, help="UDP and TCP port on 127.0.0.1; 0 takes a free one"
    )
    parser.add_argument("--script", default="{}", help="what to do with incoming calls, as JSON")
    parser.add_argument("--recordings", type=Path, help="folder for a WAV file of each call")
    parser.add_argument("--codecs", default="PCMU,PCMA")
    parser.add_argument("--srtp", choices=("off", "optional", "required"), default="off")
    parser.add_argument("--tls-certificate", type=Path, help="PEM; listens for TLS on a port of its own")
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--parent", type=int, help="pid that the phone must not outlive")
    return parser.parse_args(arguments)


def _die_with_parent(parent: int | None) -> None:
    if parent is None:
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before we asked
        sys.exit(0)


if __name__ == "__main__":
    main()
