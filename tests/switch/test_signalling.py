"""What the SIP side of the default engine must do, the switch's must do as well: the same tests, on Sofia.

The media half is a plain one (:mod:`tests.switch.plain_media`): what needs ears is tested with both halves.
"""

import pytest

from tests.sip.core import Worker
from tests.sip.test_awaited import (  # noqa: F401
    test_a_leg_that_nobody_dialled_is_over_when_we_say_so,
    test_the_peer_dials_the_leg,
)
from tests.sip.test_calls import (  # noqa: F401
    test_a_200_that_crosses_our_cancel_is_acknowledged_and_ended,
    test_a_bye_of_a_network_that_fails_is_nobody_hanging_up,
    test_a_leg_hangs_up_in_every_state_only_once,
    test_a_leg_is_dialled_answered_and_hung_up,
    test_a_taken_sip_port_is_said_in_words,
    test_a_transfer_asked_for_by_the_far_side_is_declined,
    test_a_worker_whose_core_is_gone_hangs_up_and_exits,
    test_a_wrong_password,
    test_an_unknown_host_is_unreachable,
    test_cancel_after_and_before_a_provisional_response,
    test_digest_on_invite_reinvite_and_bye,
    test_every_request_goes_through_the_outbound_proxy,
    test_headers_cannot_be_injected,
    test_more_trunks_than_pjsip_has_accounts,
    test_refusals_have_their_causes,
    test_session_timer_is_offered_and_refreshed_by_the_far_side,
    test_the_far_side_hangs_up,
    test_trunk_caller_codecs_and_outbound_proxy,
)
from tests.sip.test_connections import (  # noqa: F401
    test_a_call_over_a_connection,
    test_a_certificate_that_nobody_vouches_for,
    test_a_stranger_cannot_even_connect,
    test_nobody_listens,
)
from tests.sip.test_failover import (  # noqa: F401
    test_a_refused_connection_is_noticed_at_once,
    test_a_silent_trunk_costs_its_response_timeout_and_what_it_says_later_is_ended,
    test_a_trunk_that_cannot_is_followed_by_the_next,
    test_a_trunk_without_an_address_is_passed_over,
    test_addresses_first_then_trunks,
    test_hanging_up_while_trunks_are_tried,
    test_retry_after_is_told,
    test_the_reason_header_tells_better,
    test_who_answers_too_late_is_hung_up_on,
    test_who_does_not_want_the_call_is_not_rung_through_another_trunk,
    test_who_says_trying_in_time_is_waited_for,
)
from tests.sip.test_firewall import (  # noqa: F401
    test_a_name_is_looked_up_off_the_reactor,
    test_the_host_of_a_bare_uri_is_let_in_before_it_is_called,
)
from tests.sip.test_registrar import (  # noqa: F401
    test_a_failed_registration_is_tried_again,
    test_a_registrar_that_asks_to_be_left_alone_is,
    test_a_registration_refused_for_good_is_told_and_left_alone,
    test_a_service_route_is_told_and_calls_take_it,
    test_a_service_route_that_makes_no_sense_is_none,
    test_an_interval_that_is_too_brief_is_lengthened,
    test_challenges_without_end_end,
    test_trunks_are_registered_and_unregistered,
)


@pytest.fixture(autouse=True)
def _on_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "engine", "switch")
