"""What each source knows of places: numbers, addresses, postal codes."""

# Lines that operators read stand here whole.

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.geography import place_database_problem
from config.problems import ConfigError
from routing import shipped
from routing.addresses import AddressTable
from routing.geography import Geography
from routing.numbers import NumberTable
from routing.places import Place
from routing.postal import PostalTable, normal_form
from routing.sphere import distance
from tests.routing.small_world import BOSTON, BOSTON_BY_IP, RECORDS, STORES, certain, shop, write_database

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
    assert certain(place) == Place(country, region, area, source="number")
    assert place
    assert not place.measured


@pytest.mark.parametrize(
    ("number", "at", "within"),
    [
        ("+16172625555", (42.36, -71.06), 25),  # Boston, by its exchange
        ("+16175550100", (42.36, -71.06), 15),  # the area code, as the exchange is nobody's
        ("+19075550100", (61.2, -149.9), 1000),  # Alaska, with all of it
        ("+18575550100", (42.37, -71.18), 130),  # an overlay of which the state alone is known
        ("+442079460000", (51.51, -0.13), 40),
        ("+4930123456", (52.52, 13.41), 40),
    ],
)
def test_where_a_number_belongs_is_a_guess_with_its_radius(
    number: str, at: tuple[float, float], within: float
) -> None:
    place = NUMBERS.find(number).place
    assert place
    assert place.coordinates
    assert distance(place.coordinates, at) < 5
    assert place.radius_km is not None
    assert 0 < place.radius_km <= within
    assert "a guess, within" in str(place)


@pytest.mark.parametrize("number", ["+447400123456", "+33142345678", "+876155501000"])
def test_of_a_number_of_no_town_nothing_is_guessed(number: str) -> None:
    place = NUMBERS.find(number).place
    assert place is None or place.coordinates is None


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
    assert certain(numbers.find("+16172625555").place) == Place("US", "MA", "Back Bay", source="number")
    assert numbers.find("+18005550100").reason == "the prefix table says +1800555 is Head office US"
    assert certain(numbers.find("+14135550100").place) == Place("US", "MA", source="number")


def test_an_operator_says_how_far_a_prefix_reaches(tmp_path: Path) -> None:
    file = tmp_path / "prefixes.csv"
    file.write_text("prefix,country,latitude,longitude,radius_km\n+1617,US,42.36,-71.06,12.5\n")
    assert NumberTable.load(file).find("+16175550100").place == Place(
        "US", None, None, None, 42.36, -71.06, "number", 12.5
    )
    file.write_text("prefix,country,latitude,longitude,radius_km\n+1617,US,42.36,-71.06,near\n")
    with pytest.raises(ConfigError, match="2:23: radius_km: write kilometres, such as 15"):
        NumberTable.load(file)


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
            Place("GB", None, "London", latitude=51.5, longitude=-0.12, source="ip", radius_km=50),
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
            == f"{junk} is not a MaxMind database (.mmdb): unpack it, or download it again"
        )
    networks = write_database(tmp_path / "asn.mmdb", {"8.8.0.0/16": {"x": 1}}, "GeoLite2-ASN")
    assert (
        place_database_problem(networks)
        == f"{networks} is a database of GeoLite2-ASN, which contains no places: use a City or "
        "Country database"
    )


def test_no_database() -> None:
    assert AddressTable().find("8.8.8.8").reason == "no IP database is configured"


POSTAL = PostalTable(stores=STORES)


@pytest.mark.parametrize(
    ("code", "country", "at", "reason"),
    [
        ("02108", "US", (42.36, -71.06), "postal code 02108 of US is known"),
        (" 02108 ", "US", (42.36, -71.06), "postal code 02108 of US is known"),
        ("02108-1234", "US", (42.36, -71.06), "postal code 02108 of US is known"),
        # One common digit, or two, say nothing: it is no guess either.
        ("01700", "US", None, "no postal code of US is known that is of the same part as 01700"),
        (
            "01650",
            "US",
            (42.26, -71.8),
            "postal code 01650 of US is not known, but where codes begin with 016: a guess, within 120 km",
        ),
        ("m11aa", "GB", (53.48, -2.24), "postal code M1 1AA of GB is known"),
        (
            "M1 2BB",
            "GB",
            (53.48, -2.24),
            "postal code M1 2BB of GB is not known, but where codes begin with M1: a guess, within 16 km",
        ),
        (
            "M11 2BB",
            "GB",
            (53.47, -2.18),
            "postal code M11 2BB of GB is not known, but where codes begin with M11: a guess, within 16 km",
        ),
        (
            "M60 2BB",
            "GB",
            (53.475, -2.21),
            "postal code M60 2BB of GB is not known, but where codes begin with M: a guess, within 70 km",
        ),
        ("ME1 2BB", "GB", None, "no postal code of GB is known that is of the same part as ME1 2BB"),
        ("90210", "US", None, "no postal code of US is known that is of the same part as 90210"),
        ("02108", "DE", None, "no postal code of DE is known that is of the same part as 02108"),
        ("0001", "ZA", None, "postal code 0001 of ZA is not known, and a part of a code means nothing there"),
    ],
)
def test_the_place_of_a_postal_code(
    code: str, country: str, at: tuple[float, float] | None, reason: str
) -> None:
    finding = POSTAL.find(code, country)
    assert finding.reason == reason
    assert finding.place is not None
    assert finding.place.coordinates == (pytest.approx(at) if at else None)
    assert finding.place.country == country
    assert finding.place.measured == finding.reason.endswith("is known")
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
    assert postal.find("90211", "US").place == Place("US", None, None, "90211", 34.09, -118.41, "postal", 120)
    file.write_text("country,postal_code,latitude,longitude\nUS,1,2,\nUS,1,2,3\n")
    with pytest.raises(ConfigError) as caught:
        PostalTable.load(file)
    assert str(caught.value).replace(f"{file}:", "").splitlines() == [
        "2:8: longitude: empty: every row needs it",
        "3:4: postal_code: this postal code is here twice (line 2 too): keep one",
    ]


@given(
    st.lists(st.text("0123", min_size=5, max_size=5), max_size=30), st.text("0123", min_size=1, max_size=6)
)
@settings(deadline=None)
def test_a_code_is_placed_by_its_own_part_of_the_country_alone(codes: list[str], wanted: str) -> None:
    table = PostalTable(stores=[shop(f"s{n:02}", code, n + 1, n + 1) for n, code in enumerate(codes)])
    place = table.find(wanted, "US").place
    assert place is not None
    # Of stores that share a code the first by name lends its place.
    spots = {code: (codes.index(code) + 1, codes.index(code) + 1) for code in codes}
    fellows = [n for n, code in enumerate(codes) if len(wanted) >= 3 and code[:3] == wanted[:3]]
    assert (place.coordinates is not None) == bool(fellows)
    assert place.measured == (wanted in codes)
    if place.coordinates and not place.measured:
        assert place.radius_km is not None
        # All that the guess is made from lie within its radius.
        assert all(distance(place.coordinates, spots[codes[n]]) <= place.radius_km + 1 for n in fellows)


@pytest.mark.parametrize(
    ("code", "country", "at", "within"),
    [
        ("02139", "US", (42.365, -71.104), None),
        ("02299", "US", (42.36, -71.06), 30),  # a PO box: its ZIP3 is Boston
        ("SW1A 1AA", "GB", (51.46, -0.17), 10),
        ("M5V 2T6", "CA", (43.65, -79.37), 10),
        ("2000", "AU", (-33.86, 151.2), None),
    ],
)
def test_the_codes_that_ringback_ships(
    code: str, country: str, at: tuple[float, float], within: float | None
) -> None:
    place = PostalTable(with_shipped=True).find(code, country).place
    assert place
    assert place.coordinates
    assert distance(place.coordinates, at) < 3
    assert (place.radius_km is None) == (within is None)
    assert (place.radius_km or 0) <= (within or 0)


def test_what_is_shipped_lies_where_its_country_does() -> None:
    """A slip of a column would put Boston in Antarctica."""
    bounds = {
        "US": (-15, 72, -180, 180), "GB": (49, 61, -9, 2), "CA": (41, 84, -142, -52), "BE": (49, 52, 2, 7),
        "DK": (54, 63, -8, 16), "AU": (-55, -9, 95, 168), "NZ": (-53, -8, -180, 180),
    }  # fmt: skip
    for table in (shipped.postal_codes(), shipped.postal_parts()):
        for country, spots in table.items():
            south, north, west, east = bounds[country]
            for code, spot in spots.items():
                assert south < spot.latitude < north, (country, code)
                assert west < spot.longitude < east, (country, code)
    assert all(len(prefix) == 4 and spot.radius_km >= 10 for prefix, spot in shipped.area_codes().items())
