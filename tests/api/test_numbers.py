"""Which numbers are called, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.numbers import check_policy, e164, read_number
from api.problems import RequestError
from tests.aio import asyncio_test
from tests.api.parts import admin, serving

COUNTRIES = ("US", "GB", "DE")


def judged(typed: str, country: str, countries: tuple[str, ...] = COUNTRIES) -> str:
    """The E.164 number, or the problem's id."""
    try:
        number = read_number(typed, country)
        check_policy(number, countries)
    except RequestError as refusal:
        return refusal.problem.id
    return e164(number)


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("(617) 555-0123", "US", "+16175550123"),
        ("617.555.0123", "US", "+16175550123"),
        ("+1 617 555 0123", "GB", "+16175550123"),
        ("1-617-555-0123", "US", "+16175550123"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("07400 123456", "GB", "+447400123456"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("030 901820", "DE", "+4930901820"),
        ("0151 12345678", "DE", "+4915112345678"),
        ("056 1234 5678", "GB", "+445612345678"),  # VoIP
        ("tel:+1-617-555-0123", "US", "+16175550123"),
        # nobody sits behind these, and somebody pays
        ("900 234 5678", "US", "number_type_refused"),
        ("0906 123 4567", "GB", "number_type_refused"),
        ("0845 123 4567", "GB", "number_type_refused"),
        ("0180 5 123456", "DE", "number_type_refused"),
        ("0900 1 123456", "DE", "number_type_refused"),
        ("0700 12345678", "DE", "number_type_refused"),  # personal: forwards to anywhere
        ("070 1234 5678", "GB", "number_type_refused"),
        ("500 234 5678", "US", "number_type_refused"),
        ("055 0123 4567", "GB", "number_type_refused"),  # UAN
        ("800 234 5678", "US", "number_type_refused"),  # toll-free: whoever owns it pays
        ("0800 123 4567", "GB", "number_type_refused"),
        ("+979 123456789", "US", "number_type_refused"),  # international premium rate
        # the number's country counts, not the page's word
        ("876 926 1234", "US", "country_refused"),  # Jamaica
        ("+1 876 926 1234", "US", "country_refused"),
        ("242 322 1234", "US", "country_refused"),  # Bahamas
        ("809 555 1234", "US", "country_refused"),  # Dominican Republic
        ("416 555 0123", "US", "country_refused"),  # Canada
        ("07624 123456", "GB", "country_refused"),  # Isle of Man
        ("01481 960194", "GB", "country_refused"),  # Guernsey
        ("+870 773 111 632", "US", "country_refused"),  # Inmarsat
        ("+881 612 345 678", "US", "country_refused"),  # Iridium
        ("+883 5100 012 34567", "US", "country_refused"),
        ("+53 7 831 1234", "US", "country_refused"),
        # short and emergency
        ("911", "US", "number_short"),
        ("9-1-1", "US", "number_short"),
        ("+1 911", "US", "number_short"),
        ("112", "GB", "number_short"),
        ("999", "GB", "number_short"),
        ("110", "DE", "number_short"),
        ("411", "US", "number_short"),
        ("118118", "GB", "number_short"),
        # no numbers
        ("617 555", "US", "number_short"),
        ("555-0123", "US", "number_invalid"),
        ("123 456 7890", "US", "number_invalid"),
        ("617 555 0123 99", "US", "number_invalid"),
        ("617 555 0123 x5", "US", "number_invalid"),
        ("call me", "US", "number_invalid"),
        ("+", "US", "number_invalid"),
        ("\u202e", "US", "number_invalid"),
        ("sip:boss@example.com", "US", "number_invalid"),
        ("+999 123 456 789", "US", "number_invalid"),
    ],
)
def test_numbers(typed: str, country: str, expected: str) -> None:
    assert judged(typed, country) == expected


def test_a_country_that_the_site_allows() -> None:
    assert judged("876 926 1234", "US", ("JM",)) == "+18769261234"
    assert judged("617 555 0123", "US", ("JM",)) == "country_refused"
    assert judged("٠٢٠ ٧٩٤٦ ٠٩٥٨", "GB") == "+442079460958"  # other digits are digits too


@asyncio_test
async def test_a_policy_refusal_is_recorded_and_a_malformed_request_is_not(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for number in ("900 234 5678", "876 926 1234"):
            assert (await server.place(number)).status_code == 403
        for number in ("911", "1234", "call me"):
            assert (await server.place(number)).status_code in (400, 403)
        assert (await server.place(country="XX")).status_code == 400
        cdrs = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
        assert {(each["number"], each["disposition"], each["reason"]) for each in cdrs} == {
            ("+19002345678", "refused", "number_type_refused"),
            ("+18769261234", "refused", "country_refused"),
        }
