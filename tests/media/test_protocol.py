"""What crosses the line between core and worker arrives as it left."""

from __future__ import annotations

from bridge.causes import HangupCause
from bridge.commands import Dial, Play
from bridge.events import LegEnded, MediaStats
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from media.engines.pjsua2 import WorkerSettings
from media.protocol import CommandOrEvent
from routing.plan import Tone
from tests.media.plans import endpoint


def test_commands_and_events_cross_whole() -> None:
    for message in (
        Dial("s1", endpoint("store")),
        Play("s1", Tone("us", ((440, 480, 2000, 4000),)), loop=True),
        LegEnded("b1", HangupCause.BUSY, 486, "id@host", MediaStats("PCMU", 100, 1, 99, 0.5)),
    ):
        assert CommandOrEvent().fromString(CommandOrEvent().toString(message)) == message


def test_settings_cross_whole_passwords_included() -> None:
    carrier = Trunk(host="sip.example", username="u", password="secret", registration=True)
    settings = WorkerSettings(
        role="calls", sip=Sip(ports="6000-6009"), trunks={"carrier": carrier}, sip_port=6000, rtp_port=30000
    )
    assert WorkerSettings.model_validate_json(settings.dump()) == settings
    assert b"secret" in settings.dump()


def test_settings_of_hundreds_of_trunks_fit() -> None:
    trunks = {f"trunk{n}": Trunk(host=f"sip{n}.example", username="user", password="p") for n in range(300)}
    settings = WorkerSettings(role="calls", sip=Sip(), trunks=trunks, sip_port=6000, rtp_port=30000)
    assert len(settings.dump()) < 65536
