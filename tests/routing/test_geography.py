"""Where a shopper is: how the page, postal codes, numbers and addresses go together."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.addresses import AddressTable
from routing.geography import Geography
from routing.numbers import NumberTable
from routing.places import Place
from routing.plan import ClickToCall
from routing.postal import PostalTable
from routing.stores import StoreIndex
from tests.routing.small_world import BOSTON_BY_IP, RECORDS, STORES, certain, write_database

NUMBERS = NumberTable()
POSTAL = PostalTable(stores=STORES)


@dataclass(frozen=True)
class Asked:
    """A click, as far as geography is concerned."""

    number: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    client_ip: str = ""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("ip") / "places.mmdb", RECORDS)


@pytest.mark.parametrize(
    ("context", "place"),
    [
        (
            {"latitude": "42.36", "longitude": " -71.06"},
            Place(latitude=42.36, longitude=-71.06, source="context"),
        ),
        (
            {"latitude": "42.36", "longitude": "-71.06", "country": "us", "region": "ma"},
            Place("US", "MA", latitude=42.36, longitude=-71.06, source="context"),
        ),
        ({"country": "US", "region": "Massachusetts"}, Place("US", source="context")),
        ({"region": "MA"}, None),
        ({"latitude": "42.36"}, None),
        ({"latitude": "nan", "longitude": "inf"}, None),
        ({"latitude": "91", "longitude": "0"}, None),
        ({"latitude": "1e1", "longitude": "0"}, None),
        ({"latitude": "42,36", "longitude": "-71,06"}, None),
        ({"country": "XX"}, None),
        ({"postal_code": "02108"}, None),
        ({}, None),
    ],
)
def test_what_the_page_passes(context: dict[str, str], place: Place | None) -> None:
    assert Geography(NUMBERS).of_context(context) == place


@pytest.fixture(scope="module")
def geography(database: Path) -> Geography:
    return Geography(NUMBERS, AddressTable.load(database), POSTAL)


def test_the_first_source_that_knows_decides(geography: Geography) -> None:
    asked = Asked("+442079460000", {"latitude": "42", "longitude": "-71"}, "8.8.8.8")
    place, trail = geography.place(asked)
    # The address lies near enough to tell the country of those coordinates; London does not.
    assert place == Place("US", "MA", "Boston", "02108", 42.0, -71.0, "context")
    assert [(finding.source, finding.reason) for finding in trail] == [
        ("context", "the page says (42.0000, -71.0000)"),
        ("postal", "the page passed no postal code"),
        ("number", "not asked, as it cannot confirm the coordinates"),
        (
            "ip",
            "8.8.8.8 is in Boston MA 02108 US (42.3601, -71.0589, a guess, within 20 km); adds its details",
        ),
    ]


@pytest.mark.parametrize(
    ("number", "address", "place", "reason"),
    [
        ("+16175550100", "8.8.8.8", Place("US", "MA", "Boston", "02108", 42.358, -71.060, "number", 13), "adds its details"),
        ("+12145550100", "8.8.8.8", Place("US", "TX", source="number"), "left out, as its region is MA, not TX"),
        ("+16175550100", "9.9.9.9", Place("US", "MA", source="number"), "left out, as it does not confirm the region MA"),
        ("+447400123456", "2a00:1450::1", Place("GB", None, "London", None, 51.5, -0.12, "number", 50), "adds its details"),
        ("+442079460000", "8.8.8.8", Place("GB", None, "London", source="number"), "left out, as its country is US, not GB"),
        ("+441225460000", "2a00:1450::1", Place("GB", None, "Bath", source="number"), "left out, as its area is London, not Bath"),
        ("+18005550100", "8.8.8.8", BOSTON_BY_IP, "(42.3601, -71.0589, a guess, within 20 km)"),
        ("+16175550100", "10.0.0.1", Place("US", "MA", source="number"), "it has no place"),
    ],
)  # fmt: skip
def test_an_address_adds_to_a_number_what_it_confirms(
    geography: Geography, number: str, address: str, place: Place, reason: str
) -> None:
    located = geography.place(Asked(number, {}, address))
    if place.coordinates:
        assert located.place == place
    else:  # except what its number makes us guess
        assert certain(located.place) == place
    assert located.trail[-1].reason.endswith(reason)


def test_the_order_is_the_operators(database: Path) -> None:
    asked = Asked("+442079460000", {"postal_code": "01608", "country": "US"}, "8.8.8.8")
    ip_first = Geography(NUMBERS, AddressTable.load(database), POSTAL, ("ip", "number"))
    located = ip_first.place(asked)
    assert located.place == BOSTON_BY_IP
    assert [finding.source for finding in located.trail] == ["ip", "number"]


def test_a_postal_code_belongs_to_the_numbers_country_unless_the_page_names_one(geography: Geography) -> None:
    assert geography.place(Asked("+16175550100", {"postal_code": "01608"})).place == Place(
        "US", "MA", None, "01608", 42.26, -71.8, "postal"
    )
    abroad = Asked("+16175550100", {"postal_code": "M1 1AA", "country": "GB"})
    assert geography.place(abroad).place.coordinates == (53.48, -2.24)


def test_nothing_is_known(geography: Geography) -> None:
    place, trail = geography.place(Asked())
    assert place == Place()
    assert str(place) == "nowhere known"
    assert [finding.place for finding in trail] == [None] * 4
    assert STORES.nearest(place, 5) == ()


@given(
    st.sampled_from(["+16175550100", "+442079460000", "+18005550100", "", "+", "junk"])
    | st.text(max_size=20),
    st.dictionaries(
        st.sampled_from(["latitude", "longitude", "postal_code", "country", "region"]),
        st.text(max_size=12) | st.sampled_from(["US", "MA", "42.3", "-71", "02108"]),
    ),
    st.sampled_from(["8.8.8.8", "10.0.0.1", "::1", ""]) | st.ip_addresses().map(str) | st.text(max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_any_click_has_a_place_and_a_trail(number: str, context: dict[str, str], address: str) -> None:
    geography = Geography(NUMBERS, AddressTable(), POSTAL)
    asked = Asked(number, context, address)
    located = geography.place(asked)
    assert located == geography.place(asked)
    assert [finding.source for finding in located.trail] == ["context", "postal", "number", "ip"]
    assert (located.place.latitude is None) == (located.place.longitude is None)
    assert located.place.known == any(finding.place for finding in located.trail)


def test_every_bad_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        Geography.load(
            prefixes=tmp_path / "p.csv",
            postal_codes=tmp_path / "c.csv",
            ip_database=tmp_path / "i.mmdb",
            geocoding=False,
        )
    assert [error.file.name for error in caught.value.exceptions] == ["p.csv", "c.csv", "i.mmdb"]


def test_a_chain_of_150_franchises_sends_each_visitor_to_the_local_one(tmp_path: Path) -> None:
    """The stores lie two degrees apart and more, visitors around each; their page, code or address tells."""
    rows, records, visitors = [], {}, []
    for n in range(150):
        name, row, column = f"franchise_{n:03}", n // 15, n % 15
        latitude, longitude = 26 + 2.3 * row + 0.1 * (column % 3), -122 + 3.6 * column + 0.2 * (row % 4)
        code = f"{10_000 + 541 * n}"
        rows.append(f"{name},Franchise {n},+1617555{n:04},{latitude:.4f},{longitude:.4f},{code},US")
        records[f"8.{n}.0.0/16"] = {
            "country": {"iso_code": "US"},
            "location": {"latitude": latitude - 0.3, "longitude": longitude + 0.4, "accuracy_radius": 50},
        }
        nearby = {"latitude": f"{latitude + 0.5:.4f}", "longitude": f"{longitude - 0.6:.4f}"}
        visitors += [
            (name, Asked("+18005550100", nearby, "10.0.0.1")),
            (name, Asked("+12025550100", {"postal_code": code}, "8.0.0.1")),
            (name, Asked("+18005550100", {}, f"8.{n}.7.7")),
        ]
    file = tmp_path / "franchises.csv"
    file.write_text("name,label,number,latitude,longitude,postal_code,country\n" + "\n".join(rows))
    stores = StoreIndex.load(file)
    geography = Geography.load(
        stores=[stores], ip_database=write_database(tmp_path / "ip.mmdb", records), geocoding=False
    )
    assert len(stores) == 150
    for name, asked in visitors:
        local = next(stores.near(geography.place(asked).place))
        assert (local.store.name, local.by) == (name, "distance")
        assert local.km is not None
        assert local.km < 90


def test_a_click_is_what_geography_reads(geography: Geography) -> None:
    click = ClickToCall("shop", "+16175550100", "/", {}, "8.8.8.8")
    assert geography.place(click).place.area == "Boston"
