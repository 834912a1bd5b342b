"""Which numbers are called, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.number_table import REFUSED, TABLE
from api.numbers import check_policy, e164, read_number
from api.problems import Problem, RequestError
from config.sections.numbers import Numbers
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import admin

COUNTRIES = ("US", "GB", "DE")


def judged(
    typed: str, country: str, countries: tuple[str, ...] = COUNTRIES, numbers: Numbers | None = None
) -> str:
    """The E.164 number, or the problem's id."""
    try:
        number = read_number(typed, country)
        check_policy(number, countries, numbers)
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
        ("800 234 5678", "US", "number_type_refused"),  # toll-free: its owner pays
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


@pytest.mark.parametrize(
    ("typed", "country", "countries", "expected"),
    [
        # pay-per-call, information and test exchanges inside ordinary area codes
        ("+1 212 976 1234", "US", ("US",), "number_type_refused"),
        ("415-976-4000", "US", ("US",), "number_type_refused"),
        ("416-976-4000", "CA", ("CA",), "number_type_refused"),
        ("617-555-1212", "US", ("US",), "number_type_refused"),
        ("809-555-1212", "DO", ("DO",), "number_type_refused"),
        ("617-911-1234", "US", ("US",), "number_type_refused"),
        ("617-411-1234", "US", ("US",), "number_type_refused"),
        ("617-950-1234", "US", ("US",), "number_type_refused"),
        ("617-959-1234", "US", ("US",), "number_type_refused"),
        ("617-555-0123", "US", ("US",), "+16175550123"),
        ("617-976-0", "US", ("US",), "number_invalid"),
        # numbers of machines, persons and satellites
        ("+1 600 234 5678", "CA", ("US", "CA"), "number_type_refused"),
        ("+1 622 234 5678", "CA", ("US", "CA"), "number_type_refused"),
        ("+1 533 234 5678", "US", ("US",), "number_type_refused"),
        ("0147 123 456", "AU", ("AU",), "number_type_refused"),
        ("+61 145 101 234", "AU", ("AU",), "number_type_refused"),
        ("0412 345 678", "AU", ("AU",), "+61412345678"),
        ("+7 954 123 4567", "RU", ("RU",), "number_type_refused"),
        ("+86 1349 1234567", "CN", ("CN",), "number_type_refused"),
        ("+86 138 0013 8000", "CN", ("CN",), "+8613800138000"),
        ("+62 868 1234567", "ID", ("ID",), "number_type_refused"),
        ("+881 6 12345678", "US", ("US",), "country_refused"),
        ("+870 773 111632", "US", ("US",), "country_refused"),
        ("+800 1234 5678", "US", ("US",), "number_type_refused"),
        ("+808 1234 5678", "US", ("US",), "number_type_refused"),
        ("+44 7911 123456", "GB", ("GB",), "country_refused"),  # Guernsey
        # territories behind the code of a country
        ("07924 123456", "GB", ("GB",), "country_refused"),
        ("07924 123456", "GB", ("GB", "IM"), "+447924123456"),
        ("05288 12345", "MA", ("MA",), "country_refused"),
        ("0549 881234", "IT", ("IT",), "country_refused"),
        ("0549 881234", "IT", ("IT", "SM"), "+390549881234"),
        ("+90 392 123 4567", "TR", ("TR",), "number_type_refused"),
        ("+7 940 123 4567", "RU", ("RU",), "number_type_refused"),
        ("9567 12345", "ES", ("ES",), "country_refused"),
    ],
)
def test_numbers_that_are_no_ordinary_ones(
    typed: str, country: str, countries: tuple[str, ...], expected: str
) -> None:
    assert judged(typed, country, countries) == expected


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("+52 1 55 1234 5678", "MX", "+525512345678"),
        ("+52 1 55 1234 5678", "US", "+525512345678"),
        ("011 52 1 55 1234 5678", "US", "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("045 55 1234 5678", "MX", "+525512345678"),
        ("01 55 1234 5678", "MX", "+525512345678"),
        ("1 55 1234 5678", "MX", "+525512345678"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("+54 9 11 2345 6789", "AR", "+5491123456789"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("0 15 11 2345 6789", "BR", "+551123456789"),
        ("(0xx11) 96123-4567", "BR", "+5511961234567"),
        ("0XX11 96123-4567", "BR", "+5511961234567"),
        ("+55 (0xx11) 96123-4567", "BR", "+5511961234567"),
        ("+55 (0)11 96123-4567", "BR", "+5511961234567"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("+34 (0)91 123 45 67", "US", "+34911234567"),
        ("+1 (0)617 555 0123", "GB", "+16175550123"),
        ("+7 (8) 495 123-45-67", "US", "+74951234567"),
        ("+36 (06) 1 234 5678", "US", "+3612345678"),
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("00 44 20 7946 0958", "DE", "+442079460958"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("6175550123", "US", "+16175550123"),
        ("\uff0b\uff11 \uff16\uff11\uff17-555-0123", "DE", "+16175550123"),
        ("\u0666\u0661\u0667\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "US", "+16175550123"),
        ("\u06f6\u06f1\u06f7\u06f5\u06f5\u06f5\u06f0\u06f1\u06f2\u06f3", "US", "+16175550123"),
        ("\u096c\u0967\u096d\u096b\u096b\u096b\u0966\u0967\u0968\u0969", "US", "+16175550123"),
        ("\u202a+1 617 555 0123\u202c", "US", "+16175550123"),
        ("617\u200b555\u20600123", "US", "+16175550123"),
        # read so, and judged as what they are
        ("0044 70 1234 5678", "US", "number_type_refused"),
        ("001 900 234 5678", "GB", "number_type_refused"),
        ("\uff19\uff11\uff11", "US", "number_short"),
        ("\u0669\u0661\u0661", "US", "number_short"),
        ("+52 1 900 123 4567", "MX", "number_type_refused"),
        ("00911", "US", "number_short"),
    ],
)
def test_numbers_as_people_write_them(typed: str, country: str, expected: str) -> None:
    assert judged(typed, country, ("US", "GB", "MX", "AR", "BR", "ES", "RU", "HU")) == expected


@pytest.mark.parametrize(
    ("typed", "country", "extension", "shown"),
    [
        ("617-555-0123 ext. 5", "US", "5", "+1 617-555-0123"),
        ("617-555-0123 x911", "US", "911", "+1 617-555-0123"),
        ("617-555-0123 #12", "US", "12", "+1 617-555-0123"),
        ("tel:+16175550123;ext=911", "US", "911", "+1 617-555-0123"),
        ("617-555-0123,,911", "US", "911", "+1 617-555-0123"),
        ("030 901820 Durchwahl 44", "DE", "44", "+49 30 901820"),
        ("01 42 68 53 00 poste 12", "FR", "12", "+33 1 42 68 53 00"),
        ("020 7946 0958 (extension 7)", "GB", "7", "+44 20 7946 0958"),
        ("11 3123-4567 ramal 21", "BR", "21", "+55 11 3123-4567"),
        ("06 698 12345 int. 8", "IT", "8", "+39 06 6981 2345"),
        ("495 123-45-67 доб. 105", "RU", "105", "+7 495 123-45-67"),
    ],
)
def test_an_extension_is_told_and_not_dialled(typed: str, country: str, extension: str, shown: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_number(typed, country)
    assert refused.value.problem is Problem.NUMBER_INVALID
    (error,) = refused.value.errors
    assert error.path == "body.number"
    assert f"the extension {extension}:" in error.message
    assert error.message.endswith(f"such as {shown}.")


@pytest.mark.parametrize(
    ("numbers", "typed", "country", "expected"),
    [
        ({"refused_prefixes": ["+1 617"]}, "617 555 0123", "US", "number_type_refused"),
        (
            {"refused_prefixes": ["+1617"], "allowed_prefixes": ["+1 617 555"]},
            "617 555 0123",
            "US",
            "+16175550123",
        ),
        ({"refused_prefixes": ["+1xxx555"]}, "212 555 0123", "US", "number_type_refused"),
        (
            {"refused_prefixes": ["+1xxx555"], "allowed_prefixes": ["+1212555"]},
            "212 555 0123",
            "US",
            "+12125550123",
        ),
        ({"allowed_prefixes": ["+1 617 976"]}, "617 976 1234", "US", "+16179761234"),
        (
            {"allowed_prefixes": ["+1 61"]},
            "617 976 1234",
            "US",
            "number_type_refused",
        ),  # the table's row is longer
        ({"allowed_prefixes": ["+44 3"]}, "0300 123 4567", "GB", "+443001234567"),
        ({"allowed_prefixes": ["+44 70"]}, "070 1234 5678", "GB", "+447012345678"),
        ({"allowed_prefixes": ["+881"]}, "+881 6 12345678", "US", "+881612345678"),
        (
            {"allowed_prefixes": ["+1 876"]},
            "+1 876 926 1234",
            "US",
            "country_refused",
        ),  # countries is for that
        ({"allowed_prefixes": ["+1 976"]}, "911", "US", "number_short"),
    ],
)
def test_an_operator_adds_and_frees_prefixes(
    numbers: dict[str, list[str]], typed: str, country: str, expected: str
) -> None:
    assert judged(typed, country, numbers=Numbers.model_validate(numbers, strict=False)) == expected


def test_every_row_of_the_table_decides_for_some_number() -> None:
    for prefix in REFUSED:
        number = prefix.replace("x", "2").ljust(13, "2")
        found = TABLE.of(number)
        assert found is not None
        assert found[0] == prefix


digits = st.text("0123456789 ()-+x*#,;/\u0661\uff11", max_size=24)


@given(typed=digits, country=st.sampled_from(["US", "GB", "MX", "BR", "AR", "IT", "RU", "DE"]))
def test_whatever_is_typed_is_read_or_refused(typed: str, country: str) -> None:
    try:
        number = read_number(typed, country)
    except RequestError:
        return
    again = read_number(e164(number), "US")
    assert e164(again) == e164(number)


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
