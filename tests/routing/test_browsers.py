"""Agents as destinations, and shoppers who talk by PC: what is planned for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routing.clicks import NoSuchWayError, try_click
from routing.decide import crew, plan_callback
from routing.directory import AgentState, Directory, Standing
from routing.plan import BrowserEndpoint, ClickToCall, OfferCallback, SipEndpoint
from routing.router import Router
from tests.routing.settings import TUESDAY, click, config, decide, ring, rung

HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"
BY_PC = ClickToCall("shop", "", "https://shop.example/", {}, "203.0.113.7", "pc")


def agents(route: dict[str, Any], site: dict[str, Any] | None = None, **ben: Any) -> Router:
    """Alice and Ben answer in their browsers."""
    made = config(
        {"root": route},
        agents={
            "alice": {"label": "Alice", "password_hash": HASH},
            "ben": {"label": "Ben", "password_hash": HASH, **ben},
        },
        callbacks={"later": {}},
        queues={"line": {"callback": "later"}},
        mailboxes={"office": {"label": "Office"}},
    )
    if site:
        shop = made.sites["shop"].model_copy(update=site)
        made = made.model_copy(update={"sites": {"shop": shop}})
    return Router.of(made)


def states(**those: AgentState) -> Directory:
    return Directory(agents={f"agent:{name}": state for name, state in those.items()})


def test_clicks_that_nobody_made() -> None:
    def by(*talk: str, **asked: Any) -> tuple[str, str]:
        made = try_click(agents({"steps": [BOTH]}, {"talk_methods": talk}).config, **asked)
        return made.by, made.number

    example = by("phone")[1]
    assert example.startswith("+1")
    assert by("pc", "phone") == ("phone", example)
    assert by("pc", "phone", by="pc") == ("pc", "")
    assert by("pc") == ("pc", "")
    assert by("pc", number="+16175550123") == ("pc", "+16175550123")
    with pytest.raises(NoSuchWayError):
        by("phone", by="pc")


BOTH = ring("agent:alice", "agent:ben")


def test_an_agent_is_rung_in_the_browser() -> None:
    router = agents({"steps": [ring("a", "agent:alice")]}, {"browser_audio": "opus", "media_timeout": 9.0})
    (step,) = decide(router).plan.steps
    assert isinstance(step.endpoints[0], SipEndpoint)
    assert step.endpoints[1] == BrowserEndpoint("agent:alice", "Alice", "alice", "opus", 9.0)
    assert step.endpoints[1].uri == "browser:agent:alice"


@pytest.mark.parametrize(
    ("alice", "rings", "waits"),
    [
        ("available", True, True),
        ("ringing", False, True),
        ("on_call", False, True),
        ("away", False, True),  # they will be back
        ("offline", False, False),
    ],
)
def test_only_who_is_available_rings(alice: AgentState, rings: bool, waits: bool) -> None:
    router = agents({"steps": [BOTH], "message": "office"})
    directory = states(alice=alice, ben="offline")
    assert rung(decide(router, directory=directory)) == ([["agent:alice"]] if rings else [])
    assert ("agent:alice" in crew(click(), router, directory, TUESDAY)) == waits


def test_an_agent_has_one_call_at_once_from_any_source() -> None:
    router = agents({"steps": [BOTH]})
    busy = Directory({"agent:alice": Standing(live_calls=1)})
    assert rung(decide(router, directory=busy)) == [["agent:ben"]]


def test_hours_and_zone_of_an_agent() -> None:
    router = agents({"steps": [BOTH]}, hours="office", time_zone="America/Denver")
    assert rung(decide(router)) == [["agent:alice", "agent:ben"]]
    morning = TUESDAY - timedelta(hours=5)  # ten in New York
    assert rung(decide(router, at=morning)) == [["agent:alice"]]


def test_weights_of_agents_count() -> None:
    router = agents({"steps": [ring("agent:alice", "agent:ben", strategy="weighted")]}, weight=0)
    for pick in (0.0, 0.5, 0.99):
        assert rung(decide(router, pick=pick)) == [["agent:alice", "agent:ben"]]


def test_who_talks_by_pc_is_rung_in_the_page() -> None:
    router = agents({"steps": [BOTH]}, {"browser_audio": "opus"})
    plan = decide(router, BY_PC).plan
    assert plan.shopper == BrowserEndpoint("shopper", "Shopper", None, "opus", 20.0)
    by_phone = decide(router).plan.shopper
    assert (by_phone.uri, by_phone.label) == ("sip:+16175550123@sip.carrier.example", "Shopper")


def test_without_a_number_nothing_leans_on_one() -> None:
    router = agents(
        {
            "when": "call.number == '' && call.country == '' && geo.country == ''",
            "steps": [ring("f")],
            "queue": "line",
            "callback": "later",
        },
    )
    made = router.config.model_copy(
        update={
            "destinations": {
                **router.config.destinations,
                "f": router.config.destinations["a"].model_copy(
                    update={"shown_number": "shopper", "headers": {"X-Number": "<{number}>"}}
                ),
            }
        }
    )
    router = Router.of(made)
    plan = decide(router, BY_PC).plan
    (step,) = plan.steps
    endpoint = step.endpoints[0]
    assert isinstance(endpoint, SipEndpoint)
    assert (endpoint.caller_number, dict(endpoint.headers)) == ("+16175550100", {"X-Number": "<>"})
    assert plan.queue is not None
    assert plan.queue.callback is None
    assert "Press" not in plan.queue.announcement.text  # type: ignore[union-attr]
    assert isinstance(plan.ending, OfferCallback), "which the desk refuses, and the call says sorry"


def test_a_number_that_was_only_typed_is_no_caller_id() -> None:
    router = Router.of(
        agents({"steps": [ring("a")]}).config.model_copy(
            update={
                "destinations": {
                    "a": agents({"steps": [ring("a")]})
                    .config.destinations["a"]
                    .model_copy(update={"shown_number": "shopper"})
                }
            }
        )
    )
    typed = ClickToCall("shop", "+16175550123", "", {}, "203.0.113.7", "pc")
    signed = replace(typed, signed={"customer.phone": "+16175550123"})
    by_phone = replace(typed, by="phone")
    for asked, shown in (
        (typed, "+16175550100"),
        (replace(typed, context={"customer.phone": "+16175550123"}), "+16175550100"),
        (signed, "+16175550123"),
        (by_phone, "+16175550123"),
        (replace(by_phone, reached=False), "+16175550100"),
    ):
        endpoint = decide(router, asked).plan.steps[0].endpoints[0]
        assert isinstance(endpoint, SipEndpoint)
        assert endpoint.caller_number == shown


def test_who_talked_by_pc_is_called_back_by_phone() -> None:
    router = agents({"steps": [BOTH], "callback": "later"})
    asked = ClickToCall("shop", "+16175550123", "", {}, "203.0.113.7", "pc")
    plan = plan_callback(asked, "later", router, "call-1", Directory(), TUESDAY, 0.5).plan
    assert isinstance(plan.shopper, SipEndpoint)
