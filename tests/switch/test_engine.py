"""Tests of the default engine that run on Sofia-SIP and rtpengine as well, unchanged.

Left out of those files: ties, which this engine has none of, and what looks into PJSIP.
"""

import pytest

from tests.sip.core import Worker
from tests.sip.test_listening import (  # noqa: F401
    test_a_leg_that_ends_first_is_not_judged,
    test_a_recording_goes_on_through_hold_and_is_complete_when_the_worker_leaves,
    test_machine_person_and_nobody_are_told_apart_while_the_prompt_plays,
    test_many_recordings_one_after_the_other,
    test_our_hang_up_and_a_second_recording_of_a_leg,
    test_recordings_end_by_stop_longest_silence_and_the_far_side_and_all_at_once,
    test_what_cannot_be_recorded_is_said_and_the_worker_lives_on,
)
from tests.sip.test_media import (  # noqa: F401
    test_a_far_side_may_send_any_codec_of_the_answer,
    test_a_key_toward_who_knows_no_telephone_event_goes_by_info,
    test_a_partners_key_comes_by_info_alone_where_the_trunk_wants_that,
    test_an_info_that_presses_no_key_leaves_the_call_alone,
    test_early_media_is_heard_but_nobody_is_heard_by_it,
    test_g722_and_pcma_legs_are_bridged,
    test_keys_by_rfc_4733_and_info_both_ways,
    test_keys_under_any_number,
    test_packets_are_no_longer_than_a_far_side_takes_them,
    test_prompts_once_looped_and_replaced,
    test_srtp_is_offered,
    test_two_joined_legs_hear_only_each_other_through_hold_and_resume,
    test_who_is_asked_for_a_key_may_press_it_as_a_tone,
)
from tests.sip.test_nat import (  # noqa: F401
    test_a_carrier_connects_to_the_public_address,
    test_audio_goes_to_where_audio_comes_from,
    test_ringback_behind_nat,
)
from tests.sip.test_srtp import test_only_the_key_makes_the_tone_audible  # noqa: F401
from tests.sip.test_strangers import (  # noqa: F401
    test_a_stranger_neither_hears_nor_speaks,
    test_a_stream_that_is_taken_out_and_put_back_is_guarded_too,
    test_before_the_answer_a_port_is_deaf,
    test_no_packet_ends_a_worker,
    test_ports_rest_after_a_leg,
    test_where_addresses_are_listed_a_far_side_elsewhere_is_not_heard,
)


@pytest.fixture(autouse=True)
def _on_rtpengine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "engine", "rtpengine")
