"""Where workers run: no port twice, the longest unused first, and not where none could start."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from config.fields import PortRange
from config.sections.sip import Sip
from config.sections.webrtc import WebRtc
from media.engines.description import EngineConfig, PortSet
from media.engines.pjsua2 import PJSUA2, WorkerSettings
from media.port_allocator import SHUN_SECONDS, PortAllocator

CONFIG = EngineConfig(
    Sip(ports="5100-5104", rtp_ports="20000-20070"), {}, WebRtc(workers=2, media_ports="30000-30009")
)
PHONES = list(PJSUA2.port_sets("calls", CONFIG))
BROWSERS = list(PJSUA2.port_sets("browser", CONFIG))


def test_a_phone_worker_has_a_sip_port_and_a_block_of_rtp_ports_by_one_index() -> None:
    assert [str(port_set) for port_set in PHONES] == [
        "5100, 20000-20015", "5101, 20016-20031", "5102, 20032-20047", "5103, 20048-20063",
    ]  # fmt: skip
    told = WorkerSettings.model_validate_json(PJSUA2.settings("calls", CONFIG, PHONES[1]))
    assert (told.role, told.sip_port, told.rtp_port, told.tell_dialogs) == ("calls", 5101, 20016, True)


def test_browser_workers_take_sip_ports_from_the_end_and_media_ports_of_their_own() -> None:
    port_sets, first, second = PortAllocator(), PortRange(30000, 30004), PortRange(30005, 30009)
    one = port_sets.take(BROWSERS, [], 1.0)
    assert (str(one), one.shared) == ("5104", (first,))
    two = port_sets.take(BROWSERS, [one], 2.0)
    assert (str(two), two.shared) == ("5103", (second,))
    three = port_sets.take(BROWSERS, [one, two], 3.0)
    assert str(three) == "5102", "media ports are shared where all are taken"
    told = WorkerSettings.model_validate_json(PJSUA2.settings("browser", CONFIG, two))
    assert (told.sip_port, told.webrtc.media_ports) == (5103, second)


def test_the_place_that_was_unused_for_longest_comes_first_and_a_bad_one_waits() -> None:
    port_sets = PortAllocator()
    given_out = [port_sets.take(PHONES, [], float(now)) for now in range(1, 5)]
    assert given_out == PHONES
    assert port_sets.take(PHONES, PHONES[1:], 5.0) == PHONES[0]
    assert port_sets.take(PHONES, [], 6.0) == PHONES[1]
    port_sets.shun(PHONES[2], 7.0)
    assert port_sets.take(PHONES, [], 7.0) == PHONES[3]
    assert port_sets.take(PHONES, [PHONES[0], PHONES[1], PHONES[3]], 8.0) is None
    assert port_sets.take(PHONES, [PHONES[0], PHONES[1], PHONES[3]], 7.0 + SHUN_SECONDS) == PHONES[2]


@given(st.lists(st.tuples(st.integers(1024, 1100), st.integers(0, 9)), max_size=6))
def test_no_port_is_given_twice(ranges: list[tuple[int, int]]) -> None:
    candidates = [PortSet((PortRange(first, first + length),)) for first, length in ranges]
    port_sets, taken = PortAllocator(), list[PortSet]()
    while (port_set := port_sets.take(candidates, taken, 1.0)) is not None:
        taken.append(port_set)
    used = [
        port for port_set in taken for ports in port_set.ports for port in range(ports.first, ports.last + 1)
    ]
    assert len(used) == len(set(used))
    assert all(any(set(_each(port_set)) & set(_each(other)) for other in taken) for port_set in candidates)


def _each(port_set: PortSet) -> range:
    (ports,) = port_set.ports
    return range(ports.first, ports.last + 1)
