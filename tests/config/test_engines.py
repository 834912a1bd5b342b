"""The media engine is a setting, and what it needs is checked."""

from __future__ import annotations

from pathlib import Path

from tests.config.files import GOOD, changed, complaints, load_text
from tests.config.test_browsers import WITH_AGENT

ENGINE = ("trunks:\n", "media: {engine: rtpengine}\ntrunks:\n")


def test_the_engine_is_a_setting(tmp_path: Path) -> None:
    assert load_text(tmp_path, GOOD).config.media.engine == "pjsua2"
    assert load_text(tmp_path, changed(ENGINE)).config.media.engine == "rtpengine"


def test_both_have_legs_in_browsers(tmp_path: Path) -> None:
    by_pc = changed(("label: Shop\n", "label: Shop\n    talk_methods: [pc]\n"), text=WITH_AGENT)
    config = load_text(tmp_path, changed(ENGINE, text=by_pc)).config
    assert (config.media.engine, list(config.agents)) == ("rtpengine", ["alice"])


def test_ports_that_are_too_few_for_it(tmp_path: Path) -> None:
    few = ("trunks:\n", "media: {engine: rtpengine}\nsip: {rtp_ports: 20000-20099}\ntrunks:\n")
    (told,) = complaints(tmp_path, changed(few))
    assert told.endswith(
        "sip.rtp_ports: 100 ports are too few: the engine rtpengine with most_legs 400 needs 1600; "
        "extend the range, or lower most_legs"
    )
    fewer = ("engine: rtpengine", "engine: rtpengine, most_legs: 24")
    config = load_text(tmp_path, changed(few, fewer)).config
    assert (config.media.traits.slots, config.media.traits.calls.rtp) == (24, 96)
    assert load_text(tmp_path, GOOD).config.media.traits.slots == 4
