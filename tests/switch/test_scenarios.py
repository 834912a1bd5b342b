"""Whole calls of a whole server on the production engine: the same scenarios as on the default one."""

import pytest

from tests.scenarios import settings
from tests.scenarios.test_desk import (  # noqa: F401
    test_a_page_by_keys_hold_and_an_attended_transfer,
)
from tests.scenarios.test_hunting import (  # noqa: F401
    test_all_at_once_and_the_losers_are_told_why,
    test_twelve_at_once,
    test_two_answer_at_the_same_moment,
)
from tests.scenarios.test_losses import (  # noqa: F401
    test_a_lost_shopper_is_redialled_where_the_route_says_so,
)
from tests.scenarios.test_operator import test_sip_of_a_call_is_traced_as_it_passes  # noqa: F401
from tests.scenarios.test_screening import (  # noqa: F401
    test_a_machine_is_hung_up_on_and_a_hello_is_not,
    test_who_declines_frees_the_step_at_once_and_others_ring_on,
)
from tests.scenarios.test_talking import (  # noqa: F401
    test_codecs_differ_on_both_sides,
    test_each_phase_is_heard_by_the_right_one,
    test_early_media_is_heard_where_the_route_wants_it,
    test_hold_by_the_business,
)


@pytest.fixture(autouse=True)
def _on_rtpengine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENGINE", "rtpengine")
