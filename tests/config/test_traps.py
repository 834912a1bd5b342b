"""Settings that are right by their form and can never work, or hardly as their writer thinks."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import ConfigError
from config.source import read_source
from routing.load import check
from tests.config.files import ENVIRONMENT, changed, write_config

STEP = "      - destinations: [store]\n"
SITE = "    greeting: welcome\n"


def told(folder: Path, *changes: tuple[str, str], more: str = "") -> list[str]:
    """All that check says of the good file with these changes, without the file's name."""
    report = check(write_config(folder, changed(*changes) + more), ENVIRONMENT)
    return [problem.line(Path("f")).removeprefix("f:") for problem in (*report.problems, *report.warnings)]


def test_the_good_file_is_not_doubted(tmp_path: Path) -> None:
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (
            "ring_timeout: 1s",
            "18:19: sites.shop.ring_timeout: 1s is very short: nobody can reach a phone that quickly",
        ),
        ("ring_timeout: 1d", "18:19: sites.shop.ring_timeout: 1d is very long: no network lets a phone ring"),
        (
            "max_duration: 1s",
            "18:19: sites.shop.max_duration: 1s is very short: every call is cut off after that",
        ),
        (
            "media_timeout: 100ms",
            "18:20: sites.shop.media_timeout: 0.1s is very short: a short network outage",
        ),
        ("screening: {timeout: 1h}", "18:26: sites.shop.screening.timeout: 1h is very long"),
        (
            "limits: {calls_per_number: [0 per 1h]}",
            "18:33: sites.shop.limits.calls_per_number[0]: no call is ever allowed",
        ),
        ("limits: {calls_per_number: []}", "sites.shop.limits.calls_per_number: nothing is limited"),
        (
            "time_zone: EST",
            "18:16: sites.shop.time_zone: has no daylight saving time: write America/New_York",
        ),
        ("time_zone: Etc/GMT+5", "18:16: sites.shop.time_zone: is 5 hours behind UTC all year"),
    ],
)
def test_settings_of_a_site(tmp_path: Path, setting: str, words: str) -> None:
    (line,) = told(tmp_path, (SITE, f"{SITE}    {setting}\n"))
    assert words in line


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (
            "{destinations: [store, two], delay: {two: 25s}}",
            ".delay.two: never rings: it would start after 25s",
        ),
        (
            "{destinations: [store, two], delay: {two: 20s}}",
            ".delay.two: never rings: it would start after 20s",
        ),
        (
            "{strategy: memory, destinations: [store, two], delay: {two: 20s}}",
            ".delay.two: never rings: it would start after 40s, but the step ends after 40s",
        ),
        ("{destinations: [store, two], delay: {store: 5s, two: 5s}}", "nobody rings at first"),
        ("{destinations: [store, two], timeout: 1s}", "is very short"),
        ("{destinations: [store, two], timeout: 1h}", "is very long"),
        ("{destinations: [store, two], delay: {two: 19s}}", None),
        ("{strategy: memory, destinations: [store, two], delay: {two: 19s}}", None),
    ],
)
def test_delays_and_times_of_a_step(tmp_path: Path, step: str, words: str | None) -> None:
    two = "  two: {label: Two, number: '+16175550124', trunk: carrier}\nroutes:\n"
    lines = told(tmp_path, (STEP, f"      - {step}\n"), ("routes:\n", two))
    assert [words in line for line in lines] == ([True] if words else []), lines


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+11115550100", "this number is not valid in North America"),
        ("+19005550100", "a premium-rate number"),
        ("+161755501", "this number is not valid in any country"),
        ("+447700900123", None),
    ],
)
def test_numbers_of_destinations(tmp_path: Path, number: str, words: str | None) -> None:
    lines = told(tmp_path, ('"+16175550123"', f'"{number}"'))
    assert [words in line for line in lines] == ([True] if words else [])


def test_a_phone_that_rings_twice(tmp_path: Path) -> None:
    again = "    trunk: carrier\n    find_me:\n      - {number: '+16175550123'}\nroutes:"
    (line,) = told(tmp_path, ("    trunk: carrier\nroutes:", again))
    assert "find_me[0].number: rings the same phone again" in line


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            "{hours: office, daytime: 'Mo-Su 20:00-22:00'}",
            "callbacks.soon.daytime: nobody is ever called back",
        ),
        (
            "{hours: office, longest_delay: 1h}",
            "callbacks.soon.longest_delay: most shoppers cannot book a callback",
        ),
        (
            "{hours: office, longest_delay: 1h, shortest_delay: 10m, daytime: 24/7, pause: 2h}",
            "there is no second try",
        ),
        ("{hours: office}", None),
        ("{}", None),
    ],
)
def test_callbacks_that_never_come(tmp_path: Path, terms: str, words: str | None) -> None:
    more = f"callbacks:\n  soon: {terms}\nhours:\n  office: {{opening_hours: 'Mo-Fr 09:00-18:00'}}\n"
    lines = told(tmp_path, ("    message: office\n", "    callback: soon\n"), more=more)
    lines = [line for line in lines if "nothing uses this" not in line]
    assert any(words in line for line in lines) if words else lines == []


def test_who_talks_by_pc_alone_is_hardly_called_back(tmp_path: Path) -> None:
    lines = told(
        tmp_path,
        ("    message: office\n", "    callback: soon\n"),
        (SITE, SITE + "    talk_methods: [pc]\n"),
        more="callbacks:\n  soon: {mailbox: office}\n",
    )
    assert any(
        "sites.shop.talk_methods: shoppers who talk by pc may not give a number" in line for line in lines
    )


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("label: Shop\n", 'label: "Shop\n', "11:12"),
        ("label: Shop\n", "label: 'Shop\n", "11:12"),
        ("[https://shop.example]", "[https://shop.example", "12:14"),
        ('{number: "+16175550100"}', '{number: "+16175550100"', "15:16"),
        ('{number: "+16175550100"}', '{number: "+16175550100}', "15:25"),
        ("    label: Shop\n", "    label Shop\n", "11:5"),
        ("    label: Shop\n", "    label:Shop\n", "11:5"),
        ("    label: Shop\n", "    label:\u00a0Shop\n", "11:5"),
        ("[store]", "[store", "26:23"),
        ("[US]", "[US]]", "13:20"),
    ],
)
def test_what_is_not_closed_is_told_where_it_opens(tmp_path: Path, old: str, new: str, place: str) -> None:
    file = write_config(tmp_path, changed((old, new)))
    with pytest.raises(ConfigError) as caught:
        read_source(file)
    (problem,) = caught.value.problems
    assert f"{problem.place.line}:{problem.place.column}" == place


HEADER = "name,label,number,latitude,longitude,postal_code,country,region,hours{}\n"
ROW = "boston,Boston,+16175550101,42.36,-71.06,02108,US,MA,Mo-Fr 09:00-18:00{}\n"


def table(more: str = "", cell: str = "", **changes: str) -> str:
    """The good table with a further column, and with parts of its row replaced."""
    row = ROW.format(cell)
    for old, new in changes.items():
        row = row.replace(PARTS[old], new)
    return HEADER.format(more) + row


PARTS = {"place": "42.36,-71.06", "code": "02108", "region": ",MA,", "hours": "Mo-Fr 09:00-18:00"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table(), None),
        (table(",max_calls,x_manager", ",2,Ann"), None),
        (table(",maxcalls", ",2"), '1:71: nothing reads the column "maxcalls": did you mean "max_calls"?'),
        (table(",weigth", ",2"), 'did you mean "weight"?'),
        (table(",tz", ",America/New_York"), 'did you mean "time_zone"?'),
        (table(",manager", ",Ann"), 'call it "x_manager" if it is only for you'),
        (table(place="-71.06,42.36"), "latitude and longitude are swapped"),
        (table(place="34.05,-118.24"), "from the postal code 02108 of US: check both"),
        (table(code="2108"), 'write "02108" (spreadsheets drop zeros)'),
        (table(region=",XX,"), "2:50: region: US has no region XX"),
        (table(region=",,", hours="Mo-Fr 09:00-18:00; PH off"), 'fill in the column "region"'),
        (table(hours="PH off; Mo-Fr 09:00-18:00"), "2:53: hours: has no effect"),
    ],
)
def test_tables_of_stores(tmp_path: Path, text: str, words: str | None) -> None:
    (tmp_path / "stores.csv").write_text(text)
    lines = told(
        tmp_path,
        (STEP, f"      - {{strategy: nearest, destinations: [shops]}}\n{STEP}"),
        more="stores:\n  shops: {file: stores.csv, trunk: carrier}\n",
    )
    assert [words in line for line in lines] == ([True] if words else []), lines
    assert all("stores.csv:" in line for line in lines)


def test_other_traps(tmp_path: Path) -> None:
    server = "  trusted_proxies: [127.0.0.1]\n"
    assert told(tmp_path, (server, f"{server}  database: .\n"))[0].endswith("is a folder: name a file in it")
    same = told(tmp_path, (server, f"{server}  database: same\n  recordings: same\n"))
    assert same == ["4:15: server.recordings: the database has the same path: choose another"]
    assert (
        "port 0 means another port" in told(tmp_path, (server, f"{server}  listen_address: 127.0.0.1:0\n"))[0]
    )
    assert "quotes become part of the text" in told(tmp_path, ("label: Shop", "label: \u201cShop\u201d"))[0]
    assert "longer than 100" in told(tmp_path, ("label: Shop", f"label: {'B' * 101}"))[0]
    gap = "tests:\n  - {name: t, at: 2026-03-08T02:30, expect: {route: sales}}\n"
    lines = told(tmp_path, (SITE, f"{SITE}    time_zone: America/New_York\n"), more=gap)
    assert lines == [
        "34:19: tests[0].at: the clocks of America/New_York skip this time: they are set forward then"
    ]
    abroad = "tests:\n  - {name: t, at: 2026-03-09T02:30, number: '+442079460000', expect: {route: sales}}\n"
    assert "a number in GB, but the site calls only US" in told(tmp_path, more=abroad)[0]


@pytest.mark.parametrize(
    ("ending", "callbacks", "unused"),
    [
        ("message: office", "soon: {}", []),
        ("message: office", "soon: {}, later: {}", ["later"]),
        ("message: office", "soon: {}, later: {mailbox: office}", ["soon"]),
        ("callback: later", "soon: {}, later: {}", ["soon"]),
    ],
)
def test_callbacks_that_stand_in_for_a_message_are_used(
    tmp_path: Path, ending: str, callbacks: str, unused: list[str]
) -> None:
    lines = told(tmp_path, ("    message: office\n", f"    {ending}\n"), more=f"callbacks: {{{callbacks}}}\n")
    found = [line for line in lines if "callbacks." in line and "nothing uses this" in line]
    assert [line.partition("callbacks.")[2].partition(":")[0] for line in found] == unused
