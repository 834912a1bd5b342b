"""Numbers as each trunk wants them dialled, and the trunks that may carry a call."""

from typing import Any

import pytest

from config.sections.trunks import Trunk
from routing.dialling import number_uri, ways, written
from routing.plan import SipEndpoint, TrunkWay
from routing.router import Router
from tests.routing.settings import click, config, decide, ring


def trunk(**settings: Any) -> Trunk:
    return Trunk.model_validate({"host": "carrier.example", **settings}, strict=False)


@pytest.mark.parametrize(
    ("number", "settings", "dialled"),
    [
        ("+16175550100", {}, "+16175550100"),
        ("+16175550100", {"number_format": "digits", "number_prefix": "9"}, "916175550100"),
        ("+493023125100", {"number_format": "national", "country": "DE"}, "03023125100"),
        ("+16175550100", {"number_format": "national", "country": "DE"}, "0016175550100"),
        ("+493023125100", {"number_format": "national", "country": "US"}, "011493023125100"),
        ("+16175550100", {"number_format": "national", "country": "US"}, "16175550100"),
        # Canada shares the country code.
        ("+14165550100", {"number_format": "national", "country": "US", "national_prefix": ""}, "4165550100"),
        # Italy keeps its zero, Spain has none.
        ("+390612345678", {"number_format": "national", "country": "IT"}, "0612345678"),
        ("+34912345678", {"number_format": "national", "country": "ES"}, "912345678"),
        (
            "+442079460000",
            {"number_format": "national", "country": "GB", "number_prefix": "9"},
            "902079460000",
        ),
        (
            "+442079460000",
            {"number_format": "national", "country": "DE", "international_prefix": "01044"},
            "01044442079460000",
        ),
    ],
)
def test_a_number_is_written_as_the_trunk_dials_it(
    number: str, settings: dict[str, Any], dialled: str
) -> None:
    assert number_uri(number, trunk(**settings)) == f"sip:{dialled}@carrier.example"


def test_user_phone_stands_in_the_uri() -> None:
    assert number_uri("+16175550100", trunk(user_phone=True)) == "sip:+16175550100@carrier.example;user=phone"


def test_what_is_no_number_stays_as_it_is() -> None:
    assert written("200", "national", trunk(country="DE")) == "200"


@pytest.mark.parametrize(
    ("uri", "moved"),
    [
        ("sip:200@a.example", "sip:200@b.example:5070"),
        ("sip:200@a.example;user=phone", "sip:200@b.example:5070;user=phone"),
        ("sip:200@a.example:5080", "sip:200@a.example:5080"),  # another port, another peer
        ("sip:200@a.example.org", "sip:200@a.example.org"),
        ("sip:200@phones.example", "sip:200@phones.example"),
    ],
)
def test_a_uri_at_the_trunks_host_means_the_same_user_at_the_backup(uri: str, moved: str) -> None:
    trunks = {"a": trunk(host="a.example"), "b": trunk(host="b.example:5070")}
    assert ways(uri, None, ("a", "b"), trunks) == (TrunkWay("a", uri), TrunkWay("b", moved))


TRUNKS = {
    "carrier": {"host": "sip.carrier.example"},
    "second": {"host": "second.example", "number_format": "digits"},
    "third": {"host": "third.example"},
}


def test_every_kind_of_destination_has_its_backup_trunks() -> None:
    destinations = {
        "desk": {"label": "Desk", "number": "+16175550111", "trunk": "third", "backup_trunks": ["second"]},
        "hall": {
            "label": "Hall",
            "sip": "sip:7@third.example",
            "trunk": "third",
            "backup_trunks": ["carrier"],
            "find_me": [
                {"number": "+16175550112"},
                {"number": "+16175550113", "trunk": "second", "backup_trunks": ["third"]},
            ],
        },
    }
    settings = config({"root": {"steps": [ring("desk", "hall")]}}, destinations=destinations, trunks=TRUNKS)
    shop = settings.sites["shop"].model_copy(update={"backup_trunks": ("third", "second")})
    settings = settings.model_copy(update={"sites": {"shop": shop}})
    plan = decide(Router.of(settings), click("+16175550123")).plan
    assert isinstance(plan.shopper, SipEndpoint)
    assert plan.shopper.ways == (
        TrunkWay("carrier", "sip:+16175550123@sip.carrier.example"),
        TrunkWay("third", "sip:+16175550123@third.example"),
        TrunkWay("second", "sip:16175550123@second.example"),
    )
    found = [each for step in plan.steps for each in step.endpoints if isinstance(each, SipEndpoint)]
    assert [(each.number, each.ways) for each in found] == [
        (
            "+16175550111",
            (
                TrunkWay("third", "sip:+16175550111@third.example"),
                TrunkWay("second", "sip:16175550111@second.example"),
            ),
        ),
        (None, (TrunkWay("third", "sip:7@third.example"), TrunkWay("carrier", "sip:7@sip.carrier.example"))),
        (
            "+16175550112",
            (
                TrunkWay("third", "sip:+16175550112@third.example"),
                TrunkWay("carrier", "sip:+16175550112@sip.carrier.example"),
            ),
        ),
        (
            "+16175550113",
            (
                TrunkWay("second", "sip:16175550113@second.example"),
                TrunkWay("third", "sip:+16175550113@third.example"),
            ),
        ),
    ]
