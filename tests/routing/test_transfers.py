"""Who agents may pass a call on to, and who that rings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from routing.directory import AgentState, Directory, Standing
from routing.plan import BrowserEndpoint, PlannedStep, SipEndpoint
from routing.router import Router
from routing.transfers import TransferError, TransferTarget, plan_transfer, transfer_targets
from tests.routing.settings import TUESDAY, click, config, ring

HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"
AGENTS = {name: {"label": name.title(), "password_hash": HASH} for name in ("alice", "ben")}
ROUTES = {
    "root": {"steps": [ring("a", "agent:alice")], "message": "office"},
    "support": {"steps": [ring("b", "e", strategy="in_order", timeout="15s")], "otherwise": "later"},
    "later": {"steps": [ring("c")], "message": "office"},
}
TRANSFERS = {"destinations": ["a", "e"], "routes": ["support"], "numbers": True, "timeout": "25s"}


def router(**transfers: Any) -> Router:
    return Router.of(
        config(
            ROUTES,
            agents=AGENTS,
            mailboxes={"office": {"label": "Office"}},
            desk={"transfers": {**TRANSFERS, **transfers}},
        )
    )


def ringing(
    to: str, *, states: dict[str, AgentState] | None = None, hours: float = 0, **transfers: Any
) -> tuple[PlannedStep, ...]:
    directory = Directory(agents=states or {"agent:alice": "on_call", "agent:ben": "available"})
    at = TUESDAY + timedelta(hours=hours)
    return plan_transfer(click(), to, "alice", router(**transfers), "call-1", directory, at, 0.5)


def test_to_an_agent() -> None:
    (step,) = ringing("agent:ben")
    assert (step.endpoints, step.timeout) == ((BrowserEndpoint("agent:ben", "Ben", "ben"),), 25.0)


def test_to_a_destination() -> None:
    (step,) = ringing("destination:a")
    (endpoint,) = step.endpoints
    assert isinstance(endpoint, SipEndpoint)
    assert (endpoint.uri, endpoint.label, endpoint.caller_number) == (
        "sip:a@pbx.example",
        "A",
        "+16175550100",
    )


def test_to_a_route_and_what_takes_over_from_it() -> None:
    steps = ringing("route:support")
    assert [[each.destination for each in step.endpoints] for step in steps] == [["b", "e"], ["c"]]
    steps = ringing("route:support", hours=6)  # e keeps office hours
    assert [[each.destination for each in step.endpoints] for step in steps] == [["b"], ["c"]]


def test_to_a_number() -> None:
    (step,) = ringing("+16175550177")
    assert step.endpoints == (
        SipEndpoint(
            destination="transfer:number",
            label="number ending in 77",
            uri="sip:+16175550177@sip.carrier.example",
            trunk="carrier",
            caller_number="+16175550100",
        ),
    )


@pytest.mark.parametrize(
    ("to", "transfers", "reason"),
    [
        ("agent:eve", {}, "target_unknown"),
        ("agent:alice", {}, "target_unknown"),  # herself
        ("agent:ben", {"agents": False}, "target_unknown"),
        ("destination:b", {}, "target_unknown"),
        ("destination:agent:ben", {}, "target_unknown"),
        ("a", {}, "target_unknown"),
        ("", {}, "target_unknown"),
        ("route:root", {}, "target_unknown"),
        ("+16175550177", {"numbers": False}, "target_unknown"),
    ],
)
def test_to_nobody(to: str, transfers: dict[str, Any], reason: str) -> None:
    with pytest.raises(TransferError) as refused:
        ringing(to, **transfers)
    assert refused.value.reason == reason


def test_nobody_is_there() -> None:
    for to, hours, state in (("destination:e", 6, "available"), ("agent:ben", 0, "wrap_up")):
        with pytest.raises(TransferError) as refused:
            ringing(to, hours=hours, states={"agent:ben": state})  # type: ignore[dict-item]
        assert refused.value.reason == "nobody_there"


def test_agents_who_are_named_may_be_reached_where_others_may_not() -> None:
    (step,) = ringing("agent:ben", agents=False, destinations=["agent:ben"])
    assert step.endpoints[0].destination == "agent:ben"


def test_what_agents_are_offered() -> None:
    assert transfer_targets(router().config, "alice") == (
        TransferTarget("agent:ben", "Ben", "agent"),
        TransferTarget("destination:a", "A", "destination"),
        TransferTarget("destination:e", "E", "destination"),
        TransferTarget("route:support", "support", "route"),
    )
    named = router(agents=False, destinations=["agent:alice", "agent:ben"], routes=[])
    assert transfer_targets(named.config, "alice") == (TransferTarget("agent:ben", "Ben", "agent"),)


def test_a_site_that_the_settings_have_no_more() -> None:
    gone = click().__class__("gone", "+16175550123", "", {}, "")
    with pytest.raises(TransferError):
        plan_transfer(gone, "destination:a", "alice", router(), "call-1", Directory(), TUESDAY, 0.5)


def test_a_destination_with_all_its_calls() -> None:
    busy = Directory(standings={"a": Standing(live_calls=1)})
    settings = router().config.model_dump(mode="json", context={"reveal": True})
    settings["destinations"]["a"]["max_calls"] = 1
    full = Router.of(type(router().config).model_validate(settings, strict=False))
    with pytest.raises(TransferError) as refused:
        plan_transfer(click(), "destination:a", "alice", full, "call-1", busy, TUESDAY, 0.5)
    assert refused.value.reason == "nobody_there"


def test_agents_of_a_customer_are_among_themselves() -> None:
    agents = {
        **{name: {**AGENTS["alice"], "customer": "acme"} for name in ("ann", "abe")},
        **{name: {**AGENTS["alice"], "customer": "bolt"} for name in ("bob", "bea")},
        "house": AGENTS["ben"],
    }
    customers = {
        "acme": {},
        "bolt": {
            "desk": {"transfers": {"agents": False, "destinations": ["c", "agent:ann"], "timeout": "9s"}}
        },
    }
    plain = {"mailboxes": {"office": {"label": "Office"}}, "desk": {"transfers": TRANSFERS}}
    its = Router.of(config(ROUTES, agents=agents, customers=customers, **plain))

    def offered(by: str) -> list[str]:
        return [target.to for target in transfer_targets(its.config, by)]

    def rung(by: str, to: str) -> list[float]:
        directory = Directory(agents={f"agent:{name}": "available" for name in agents})
        return [
            step.timeout for step in plan_transfer(click(), to, by, its, "call-1", directory, TUESDAY, 0.5)
        ]

    assert offered("ann") == ["agent:abe", "destination:a", "destination:e", "route:support"]
    assert offered("bob") == ["agent:ann", "destination:c"]
    assert offered("house") == ["destination:a", "destination:e", "route:support"]
    assert rung("ann", "agent:abe") == [25.0]
    assert rung("bob", "agent:ann") == [9.0]
    for by, to in (
        ("ann", "agent:bob"),
        ("house", "agent:ann"),
        ("bob", "agent:bea"),
        ("bob", "+16175550123"),
    ):
        with pytest.raises(TransferError):
            rung(by, to)
