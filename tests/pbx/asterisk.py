"""One running Asterisk: its settings from templates, its process, and its manager interface."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import socket
import string
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.children import die_with_parent
from tests.phones.wav import tone_file
from tests.plumbing.debian_sid import install
from tests.scenarios.settings import free_block, free_tcp_port

TEMPLATES = Path(__file__).with_name("templates")
START_SECONDS = 20.0
STOP_SECONDS = 5.0
MANAGER = "ringback"
SECRET = "scenario"
#: What the PBX plays to a caller on hold.
HOLD_MUSIC_HZ = 700
RTP_PORTS = 200

# In a mount namespace of its own, so that every mount is gone with the process.
_ENTER = """
set -e
mount --rbind /proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount --bind "$RUN" "$ROOT/mnt"
mount --bind "$RUN/hosts" "$ROOT/etc/hosts"
mount --bind "$RUN/resolv.conf" "$ROOT/etc/resolv.conf"
exec chroot "$ROOT" asterisk -f -C /mnt/etc/asterisk.conf
"""


@dataclasses.dataclass(frozen=True)
class Ports:
    """Where one Asterisk listens on 127.0.0.1."""

    sip: int
    tls: int
    manager: int
    rtp: int
    rtp_count: int

    @classmethod
    def free(cls, rtp_count: int) -> Ports:
        """Ports that are free now."""
        block = free_block(rtp_count + 2)
        return cls(block, block + 1, free_tcp_port(), block + 2, rtp_count)


class Asterisk:
    """A PBX. Make one with :func:`asterisk`."""

    def __init__(self, folder: Path, ports: Ports, process: asyncio.subprocess.Process) -> None:
        self.folder = folder
        self.ports = ports
        self._process = process

    @property
    def pid(self) -> int:
        """The process of Asterisk itself."""
        return self._process.pid

    @property
    def address(self) -> str:
        """Host and port of its SIP side, UDP and TCP."""
        return f"127.0.0.1:{self.ports.sip}"

    async def command(self, line: str) -> str:
        """What Asterisk's console prints for a command, asked through its manager interface (AMI)."""
        answer = await self.act(Action="Command", Command=line)
        return "\n".join(
            text.removeprefix("Output: ") for text in answer.splitlines() if text.startswith("Output: ")
        )

    async def act(self, **action: str) -> str:
        """Have its manager interface do something; its response."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports.manager)
        try:
            await _action(reader, writer, {"Action": "Login", "Username": MANAGER, "Secret": SECRET})
            return await _action(reader, writer, action)
        finally:
            writer.close()

    async def channels(self) -> int:
        """How many SIP legs the PBX has."""
        return int((await self.command("core show channels count")).split()[0])

    def log(self) -> str:
        """Its log until now."""
        path = self.folder / "log" / "messages.log"
        return path.read_text(errors="replace") if path.exists() else ""

    async def wait_until_booted(self) -> None:
        """Wait until all modules are loaded."""
        give_up = time.monotonic() + START_SECONDS
        while "Asterisk Ready." not in self.log():
            assert self._process.returncode is None, f"Asterisk ended at its start:\n{self.log()[-3000:]}"
            assert time.monotonic() < give_up, f"Asterisk did not start:\n{self.log()[-3000:]}"
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End it by pid, kindly first."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@contextlib.asynccontextmanager
async def asterisk(
    folder: Path, *, templates: Path = TEMPLATES, rtp_ports: int = RTP_PORTS, **settings: str
) -> AsyncIterator[Asterisk]:
    """An Asterisk whose files are in ``folder``; ``settings`` fill in the templates' further names."""
    root = await asyncio.get_running_loop().run_in_executor(None, install)
    ports = Ports.free(rtp_ports)
    _write_files(folder, templates, ports, settings)
    environment = {"PATH": os.environ["PATH"], "ROOT": str(root), "RUN": str(folder)}
    with (folder / "console.log").open("wb") as console:
        process = await asyncio.create_subprocess_exec(
            "unshare",
            "--mount",
            "sh",
            "-c",
            _ENTER,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            preexec_fn=die_with_parent,
        )
    pbx = Asterisk(folder, ports, process)
    try:
        await pbx.wait_until_booted()
        yield pbx
    finally:
        await pbx.stop()


def _write_files(folder: Path, templates: Path, ports: Ports, settings: dict[str, str]) -> None:
    for name in ("etc", "lib", "spool", "run", "log", "moh"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # Without its own name in there, Asterisk would ask the DNS for it before each SDP.
    (folder / "hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
    (folder / "resolv.conf").write_text("")
    tone_file(folder / "moh" / "hold.wav", HOLD_MUSIC_HZ, 2.0)
    values = {
        "sip_port": str(ports.sip),
        "tls_port": str(ports.tls),
        "manager_port": str(ports.manager),
        "rtp_first": str(ports.rtp),
        "rtp_last": str(ports.rtp + ports.rtp_count - 1),
        "manager": MANAGER,
        "secret": SECRET,
        **settings,
    }
    # A setting may itself name a port.
    values = {name: string.Template(value).safe_substitute(values) for name, value in values.items()}
    for template in templates.glob("*.conf"):
        text = string.Template(template.read_text()).substitute(values)
        (folder / "etc" / template.name).write_text(text)


async def _action(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: dict[str, str]) -> str:
    """Send one AMI action; its response, skipping events."""
    writer.write(("".join(f"{key}: {value}\r\n" for key, value in fields.items()) + "\r\n").encode())
    while True:
        block = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode(errors="replace")
        if "Response: " in block:
            assert "Response: Error" not in block, block
            return block
