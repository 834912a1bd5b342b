"""What each source knows of places: numbers, addresses, postal codes."""

# Lines that operators read stand here whole.

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.geography import place_database_problem
from config.problems import ConfigError
from routing.addresses import AddressTable
from routing.geography import Geography
from routing.numbers import NumberTable
from routing.places import Place
from routing.postal import PostalTable, normal_form
from tests.routing.small_world import BOSTON, BOSTON_BY_IP, RECORDS, STORES, shop, write_database

NUMBERS = NumberTable()


@pytest.mark.parametrize(
    ("number", "country", "region", "area"),
    [
        ("+16175550100", "US", "MA", None),
        ("+16172625555", "US", "MA", "Boston"),
        ("+18085550100", "US", "HI", None),
        ("+12125550100", "US", "NY", "New York"),
        ("+19175550100", "US", "NY", None),
        ("+12025550100", "US", "DC", None),
        ("+12065550100", "US", "WA", None),
        ("+16135550100", "CA", "ON", None),
        ("+12575550100", "CA", "BC", None),
        ("+19025550100", "CA", None, "Nova Scotia/Prince Edward Island"),
        ("+18765550100", "JM", None, None),
        ("+17875550100", "PR", None, None),
        ("+442079460000", "GB", None, "London"),
        ("+441481255000", "GG", None, None),
        ("+447400123456", "GB", None, None),
        ("+447700900123", "GB", None, None),
        ("+4930123456", "DE", None, "Berlin"),
        ("+33142345678", "FR", None, None),
        ("+81312345678", "JP", None, "Tokyo"),
        ("+6796701234", "FJ", None, "Nadi"),
        ("+68522123", "WS", None, "Apia"),
    ],
)
def test_the_place_of_a_number(number: str, country: str, region: str | None, area: str | None) -> None:
    place = NUMBERS.find(number).place
    assert place == Place(country, region, area, source="number")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+18005550100", "a toll-free number has no place"),
        ("+18885550100", "a toll-free number has no place"),
        ("+448001111111", "a toll-free number has no place"),
        ("+80012345678", "a toll-free number has no place"),
        ("+15555550100", "+1 is no country's code alone"),
        ("+883510000000", "+883 is no country's code alone"),
        ("", "no number is known"),
        ("+", "no number is known"),
        ("+999", "this is no number in E.164"),
        ("sip:alice", "this is no number in E.164"),
    ],
)
def test_a_number_without_a_place(number: str, reason: str) -> None:
    finding = NUMBERS.find(number)
    assert (finding.place, finding.reason) == (None, reason)
    assert Geography(NUMBERS).of_number(number) == Place()


def test_without_geocoding_a_number_tells_its_country() -> None:
    assert NumberTable(geocoding=False).find("+16172625555").place == Place("US", source="number")


def test_the_longest_of_the_operators_prefixes_wins(tmp_path: Path) -> None:
    file = tmp_path / "prefixes.csv"
    file.write_text(
        "prefix,country,region,area,latitude,longitude\n"
        "+1617,US,MA,Greater Boston,42.36,-71.06\n"
        "+16172,US,MA,Back Bay,,\n"
        "1800555,US,,Head office,,\n"
    )
    numbers = NumberTable.load(file)
    assert numbers.find("+16175550100").place == Place(
        "US", "MA", "Greater Boston", None, 42.36, -71.06, "number"
    )
    assert numbers.find("+16172625555").place == Place("US", "MA", "Back Bay", source="number")
    assert numbers.find("+18005550100").reason == "the prefix table says +1800555 is Head office US"
    assert numbers.find("+14135550100").place == Place("US", "MA", source="number")


def test_mistakes_of_a_prefix_table(tmp_path: Path) -> None:
    file = tmp_path / "prefixes.csv"
    file.write_text("prefix,country,latitude,longitude\n0617,US,1,\n+1617,U,,\n+44,GB,1,\n1617,US,,\n")
    with pytest.raises(ConfigError) as caught:
        NumberTable.load(file)
    assert str(caught.value).replace(f"{file}:", "").splitlines() == [
        "2:1: prefix: write a prefix with its country code, such as +1617",
        "3:7: country: write a country's two capital letters, such as US (the United Kingdom is GB)",
        "4:10: longitude: give both latitude and longitude, or neither",
        "5:1: prefix: this prefix is here twice (line 3 too): keep one",
    ]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("ip") / "places.mmdb", RECORDS)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("8.8.8.8", BOSTON_BY_IP),
        ("::ffff:8.8.8.8", BOSTON_BY_IP),
        ("9.9.9.9", Place("US", source="ip")),
        ("9.9.8.9", Place("US", source="ip")),
        ("9.9.7.9", Place("DE", source="ip")),
        (
            "2a00:1450::1",
            Place("GB", None, "London", latitude=51.5, longitude=-0.12, source="ip"),
        ),
    ],
)
def test_the_place_of_an_address(database: Path, address: str, place: Place) -> None:
    geography = Geography.load(ip_database=database, geocoding=False)
    assert geography.of_ip(address) == place


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("10.1.2.3", "10.1.2.3 is a private address: it has no place"),
        ("192.168.0.1", "192.168.0.1 is a private address: it has no place"),
        ("203.0.113.7", "203.0.113.7 is a private address: it has no place"),
        ("::ffff:10.1.2.3", "10.1.2.3 is a private address: it has no place"),
        ("fd00::1", "fd00::1 is a private address: it has no place"),
        ("127.0.0.1", "127.0.0.1 is this machine itself: it has no place"),
        ("::1", "::1 is this machine itself: it has no place"),
        ("fe80::1%eth0", "fe80::1 is a link-local address: it has no place"),
        ("169.254.1.1", "169.254.1.1 is a link-local address: it has no place"),
        ("224.0.0.1", "224.0.0.1 is a multicast address: it has no place"),
        ("0.0.0.0", "0.0.0.0 is a reserved address: it has no place"),
        ("100.64.0.1", "100.64.0.1 is an address shared behind a carrier's NAT: it has no place"),
        ("1.1.1.1", "the database does not know 1.1.1.1"),
        ("9.9.6.9", "the database does not know 9.9.6.9"),
        ("8.8.8.8:443", "this is no IP address"),
        ("256.1.1.1", "this is no IP address"),
        ("shop.example", "this is no IP address"),
        ("", "no address is known"),
    ],
)
def test_an_address_without_a_place(database: Path, address: str, reason: str) -> None:
    finding = AddressTable.load(database).find(address)
    assert (finding.place, finding.reason) == (None, reason)


def test_a_database_of_ipv4_alone(tmp_path: Path) -> None:
    addresses = AddressTable.load(write_database(tmp_path / "4.mmdb", {"8.8.0.0/16": BOSTON}, version=4))
    assert addresses.find("::ffff:8.8.8.8").place == BOSTON_BY_IP
    assert addresses.find("2a00:1450::1").reason == "the database knows IPv4 alone, and 2a00:1450::1 is IPv6"


def test_a_database_that_is_none(tmp_path: Path) -> None:
    missing, junk = tmp_path / "no.mmdb", tmp_path / "junk.mmdb"
    with pytest.raises(ConfigError) as caught:
        AddressTable.load(missing)
    assert str(caught.value) == f"{missing}:1:1: no such file: {missing}"
    for content in (b"", b"junk" * 100):
        junk.write_bytes(content)
        assert (
            place_database_problem(junk)
            == f"{junk} is no MaxMind database (.mmdb): unpack it, or fetch it again"
        )
    networks = write_database(tmp_path / "asn.mmdb", {"8.8.0.0/16": {"x": 1}}, "GeoLite2-ASN")
    assert (
        place_database_problem(networks)
        == f"{networks} is a database of GeoLite2-ASN, which knows no places: use a City or Country database"
    )


def test_no_database() -> None:
    assert AddressTable().find("8.8.8.8").reason == "no IP database is configured"


POSTAL = PostalTable(stores=STORES)


@pytest.mark.parametrize(
    ("code", "country", "at", "reason"),
    [
        ("02108", "US", (42.36, -71.06), "postal code 02108 of US is known"),
        (" 02108 ", "US", (42.36, -71.06), "postal code 02108 of US is known"),
        (
            "02108-1234",
            "US",
            (42.36, -71.06),
            "postal code 021081234 of US begins like 02108, and takes its place",
        ),
        (
            "01700",
            "US",
            (42.26, -71.8),
            "postal code 01700 of US begins like 01608, and takes its place",
        ),
        ("m11aa", "GB", (53.48, -2.24), "postal code M1 1AA of GB is known"),
        ("M1 2BB", "GB", (53.48, -2.24), "postal code M1 2BB of GB begins like M1 1AA, and takes its place"),
        (
            "M11 2BB",
            "GB",
            (53.47, -2.18),
            "postal code M11 2BB of GB begins like M11 4AB, and takes its place",
        ),
        ("90210", "US", None, "no postal code of US is known that begins like 90210"),
        ("02108", "DE", None, "no postal code of DE is known that begins like 02108"),
    ],
)
def test_the_place_of_a_postal_code(
    code: str, country: str, at: tuple[float, float] | None, reason: str
) -> None:
    finding = POSTAL.find(code, country)
    assert finding.reason == reason
    assert finding.place is not None
    assert (finding.place.coordinates, finding.place.country) == (at, country)
    assert finding.place.postal_code == normal_form(code, country)


@pytest.mark.parametrize(
    ("code", "country", "reason"),
    [
        ("", "US", "the page passed no postal code"),
        (" - ", "US", "the page passed no postal code"),
        ("1" * 13, "US", "the page passed something that is no postal code"),
        ("<script>", "US", "the page passed something that is no postal code"),
        ("٠٢١٠٨", "US", "the page passed something that is no postal code"),
        ("02108", None, "postal code 02108 of an unknown country"),
    ],
)
def test_what_is_no_postal_code(code: str, country: str | None, reason: str) -> None:
    finding = POSTAL.find(code, country)
    assert (finding.place, finding.reason) == (None, reason)


def test_the_operators_postal_table_wins(tmp_path: Path) -> None:
    file = tmp_path / "postal.csv"
    file.write_text(
        "country,postal_code,latitude,longitude,area\n"
        "US,02108,42.3588,-71.0707,Beacon Hill\n"
        "US,90210,34.09,-118.41,Beverly Hills\n"
    )
    postal = PostalTable.load(file, STORES)
    assert postal.find("02108", "US").place == Place(
        "US", None, "Beacon Hill", "02108", 42.3588, -71.0707, "postal"
    )
    assert postal.find("90211", "US").place == Place("US", None, None, "90211", 34.09, -118.41, "postal")
    file.write_text("country,postal_code,latitude,longitude\nUS,1,2,\nUS,1,2,3\n")
    with pytest.raises(ConfigError) as caught:
        PostalTable.load(file)
    assert str(caught.value).replace(f"{file}:", "").splitlines() == [
        "2:8: longitude: empty: every row needs it",
        "3:4: postal_code: this postal code is here twice (line 2 too): keep one",
    ]


@given(
    st.lists(st.text("0123", min_size=1, max_size=5), max_size=30), st.text("0123", min_size=1, max_size=6)
)
@settings(deadline=None)
def test_no_other_code_has_a_longer_prefix_in_common(codes: list[str], wanted: str) -> None:
    table = PostalTable(stores=[shop(f"s{n:02}", code, n + 1, n + 1) for n, code in enumerate(codes)])

    def alike(code: str) -> int:
        return next(
            (n for n, (a, b) in enumerate(zip(code, wanted, strict=False)) if a != b),
            min(len(code), len(wanted)),
        )

    place = table.find(wanted, "US").place
    assert place is not None
    best = max(map(alike, codes), default=0)
    if place.coordinates is None:
        assert best == 0
    else:
        assert alike(codes[int(place.coordinates[0]) - 1]) == best > 0
