"""A shop with two agents, a click of its shopper, and legs, for the tests of cti."""

from __future__ import annotations

from typing import Any

from bridge.legs import Leg, LegState
from config.models import Config
from routing.places import Place
from routing.plan import BrowserEndpoint, ClickToCall, Endpoint, SipEndpoint

HASH = "$argon2id$v=19$m=64,t=1,p=1$MTIzNDU2Nzg$MTIzNDU2Nzg5MDEyMzQ1Ng"
BOSTON = Place(area="Boston", region="MA", country="US")
CLICK = ClickToCall(
    site="shop",
    number="+16175550123",
    page="https://shop.example/cart?step=2",
    context={"cart.value": "120", "customer.name": "Ann", "customer.card": "4111", "note": "two\nlines"},
    client_ip="203.0.113.7",
    signed={"customer.name": "Anna", "cart.value": "120", "customer.segment": "gold"},
)
FIELDS = {"customer.name": {"label": "Name"}, "customer.card": {"label": "Card", "sensitive": True}}
ALICE = BrowserEndpoint("agent:alice", "Alice", "alice")
BENS_DESK = SipEndpoint("bens_desk", "Ben's desk", "sip:ben@pbx.example", None)
STORE = SipEndpoint("store", "Boston store", "sip:store@pbx.example", None)


def shop(
    agents: dict[str, Any] | None = None, data_pass: dict[str, Any] | None = None, **screen_pop: Any
) -> Config:
    """The settings; Alice has no rights, Ben has a phone and every right."""
    people = {
        "alice": {"label": "Alice", "password_hash": HASH},
        "ben": {
            "label": "Ben",
            "password_hash": HASH,
            "phones": ("bens_desk",),
            "rights": ("sensitive", "numbers"),
        },
    }
    return Config.model_validate(
        {
            "trunks": {},
            "sites": {
                "shop": {
                    "key": "shop-public-key",
                    "label": "Shop",
                    "origins": ("https://shop.example",),
                    "countries": ("US",),
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550000"},
                    "route": "sales",
                    "data_pass": data_pass or {"fields": FIELDS},
                    "screen_pop": screen_pop,
                }
            },
            "routes": {},
            "agents": people if agents is None else agents,
        }
    )


def leg(
    number: int, endpoint: Endpoint, state: LegState = LegState.RINGING, *, call: str = "c1", **changes: Any
) -> Leg:
    """A business leg of a call; one that rings, was answered or joined has its times."""
    times: dict[str, float] = {}
    if state is not LegState.DIALING:
        times["ringing_at"] = 1001.0
    if state in (LegState.ANSWERED, LegState.JOINED):
        times["answered_at"] = 1002.0
    return Leg(f"{call}-b{number}", "business", endpoint, 1000.0, state, **{**times, **changes})
