"""What Prometheus is told of the program, its settings, its database, and of how long shoppers wait."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from prometheus_client import CollectorRegistry

from api.operator.metrics import Metrics
from bridge.progress import CallProgress, CallState
from tests.bridge.told import Teller

S = CallState


@pytest.mark.parametrize(
    ("line", "result", "waited"),
    [
        ((S.CALLING_SHOPPER, S.QUEUED, S.HUNTING, S.BRIDGED, S.ENDING, S.ENDED), "bridged", 20),
        ((S.QUEUED, S.HUNTING, S.QUEUED, S.HUNTING, S.BRIDGED, S.ENDED), "bridged", 40),
        ((S.QUEUED, S.LEAVING_MESSAGE, S.ENDING, S.ENDED), "given_up", 10),
        ((S.QUEUED, S.CALLING_SHOPPER, S.QUEUED, S.ENDING), "given_up", 30),
        ((S.CALLING_SHOPPER, S.HUNTING, S.BRIDGED, S.ENDED), "bridged", None),
    ],
)
def test_how_long_shoppers_wait_in_line(
    line: tuple[CallState, ...], result: str, waited: float | None
) -> None:
    registry = CollectorRegistry()
    teller = Teller(Metrics(registry))
    for number, state in enumerate(line):
        teller.progress(CallProgress("c1", "shop", number, 100.0 + 10 * number, state))
    labels = {"site": "shop", "result": result}
    assert registry.get_sample_value("ringback_queue_wait_seconds_sum", labels) == waited


def test_what_runs_and_what_the_database_refused() -> None:
    registry, errors = CollectorRegistry(), {"write": 0, "read": 0}
    Metrics(registry, lambda: errors)
    labels = {"version": version("ringback")}
    told = [sample for family in registry.collect() for sample in family.samples]
    build = next(sample for sample in told if sample.name == "ringback_build_info")
    assert labels.items() <= build.labels.items()
    assert any(sample.name == "process_resident_memory_bytes" for sample in told)
    assert registry.get_sample_value("ringback_store_errors_total", {"kind": "write"}) == 0
    errors["write"] += 2
    assert registry.get_sample_value("ringback_store_errors_total", {"kind": "write"}) == 2
