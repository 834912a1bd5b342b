"""A real Asterisk 22 with one queue, whose members' phones are all SIPp's."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bench.servers import World
from tests.pbx.asterisk import TEMPLATES, Asterisk, asterisk

QUEUE = "810"

_EXTENSIONS = f"""\
[in]
exten => {QUEUE},1,Answer()
 same => n,Queue(desk)
 same => n,Hangup()
"""
_PJSIP = """\
[global]
type = global
endpoint_identifier_order = ip,username

[udp]
type = transport
protocol = udp
bind = 127.0.0.1:$sip_port

[in]
type = endpoint
context = in
disallow = all
allow = ulaw
direct_media = no

[in]
type = identify
endpoint = in
match = 127.0.0.1

[phone](!)
type = endpoint
context = in
disallow = all
allow = ulaw
direct_media = no
"""
_PHONE = """
[{agent}](phone)
aors = {agent}

[{agent}]
type = aor
contact = sip:{agent}@127.0.0.1:{port}
"""
_QUEUES = """\
[general]

[desk]
strategy = rrmemory
timeout = 10
retry = 1
ringinuse = no
autofill = yes
musicclass = default
announce-frequency = 0
"""


@contextlib.asynccontextmanager
async def asterisk_queue(folder: Path, world: World, agents: Sequence[str]) -> AsyncIterator[Asterisk]:
    """Asterisk, ready; it is ended afterwards."""
    templates = folder / "templates"
    shutil.copytree(TEMPLATES, templates)
    phones = "".join(_PHONE.format(agent=agent, port=world.business.sip) for agent in agents)
    (templates / "pjsip.conf").write_text(_PJSIP + phones)
    (templates / "extensions.conf").write_text(_EXTENSIONS)
    (templates / "queues.conf").write_text(
        _QUEUES + "".join(f"member => PJSIP/{agent}\n" for agent in agents)
    )
    async with asterisk(folder, templates=templates, rtp_ports=8 * world.calls_at_once + 40) as pbx:
        yield pbx
