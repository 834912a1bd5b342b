"""Bad files, and exactly what the operator is told about each."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from config.source import LARGEST_FILE
from tests.config.files import ENVIRONMENT, GOOD, changed, complaints, write_wav

NAME_FORM = "a name with lower-case letters, digits, - and _, such as boston_store"
PREFIX_FORM = "the beginning of a number with its country code, x for any digit, such as +4470 or +1xxx976"
MONEY_FORM = "an amount of money without its currency, such as 50 or 0.015"
NETWORK_FORM = "an address, or a network without host bits, such as 203.0.113.7 or 203.0.113.0/24"

NOT_YAML = [
    ("", "1:1: the file is empty: start from config/examples/minimal.yaml"),
    ("# nothing yet\n", "1:1: the file is empty: start from config/examples/minimal.yaml"),
    (
        "- a\n",
        "1:1: the file must be a mapping: sections such as 'sites:' with their settings indented below",
    ),
    ("server:\n\tlisten: x\n", "2:1: YAML cannot be indented with tabs: use spaces"),
    ("a: 'x\n", "1:4: this quote is never closed"),
    ("a: b: c\n", "1:5: unexpected colon: align the line, or put a value that contains ': ' in quotes"),
    ("a: [1, 2\n", "1:4: this { or [ is not closed properly"),
    ("a: {\n", "1:4: no value can start here, or a { or [ is not closed"),
    ("a: %x\n", "1:4: this character cannot start a value: put the value in quotes"),
    ("a: 'b' c\n", "1:8: wrong indentation: align the line with its neighbours"),
    ("---\na: 1\n---\nb: 2\n", "3:1: a second document starts here: remove the '---' line"),
    (b"a: 1\nb: \xff\n", "2:4: the file is not UTF-8 text: save it as UTF-8"),
    ("a: 1\nb: \x01\n", "2:4: a control character: remove it, or escape it inside double quotes"),
    ("{" * 100_000, "1:33: nested too deeply: no setting is at this level"),
    (b"#" * (LARGEST_FILE + 1), "1:1: the file is larger than 4 MiB: is this the right file?"),
]

#: Changes to the good file, and the lines that they bring; the line numbers are GOOD's.
NOT_PLAIN_DATA = [
    (
        ("    label: Shop\n", "    label: Shop\n    label: Shop 2\n"),
        ['12:5: sites.shop: the key "label" is here twice (line 11 too): keep one'],
    ),
    (
        ("label: Shop\n", "label: *zebra\n"),
        ["11:12: sites.shop.label: there is no such anchor above: put a text that starts with * in quotes"],
    ),
    (
        ("label: Shop\n", "label: !shop x\n"),
        ["11:12: sites.shop.label: tags have no meaning here: put a text that starts with ! in quotes"],
    ),
    (
        ("label: Shop\n", "label: |\n      two\n      lines\n"),
        ["11:12: sites.shop.label: a line break, tab or control character in a value: write it on one line"],
    ),
    (
        ("label: Shop\n", "label: Shop\n    <<: {}\n"),
        [
            "12:5: sites.shop: merge keys (<<) are not supported: write the settings out, or alias a whole section"
        ],
    ),
    (
        ("label: Shop\n", "label: Shop\n    ? [a]\n    : b\n"),
        ["12:7: sites.shop: a key must be a plain name: put a value that starts with { or [ in quotes"],
    ),
]

WRONG_FORM = [
    (
        ("    label: Shop\n", "    lable: Shop\n"),
        [
            '9:3: sites.shop.label: missing: add "label", a text',
            '11:5: sites.shop.lable: no such setting: did you mean "label"?',
        ],
    ),
    (
        ("trusted_proxies: [127.0.0.1]", "trusted_proxies: [10.0.0.1/8]"),
        [f"2:21: server.trusted_proxies[0]: write {NETWORK_FORM}"],
    ),
    (("label: Shop\n", "label:\n"), ["11:5: sites.shop.label: empty: give it a value, or remove the line"]),
    (("label: Shop\n", "label: [a]\n"), ["11:5: sites.shop.label: write a text"]),
    (
        ("    greeting: welcome\n", "    greeting: welcome\n    ring_timeout: 20\n"),
        ["18:19: sites.shop.ring_timeout: write a duration with its unit, such as 20s, 500ms, 2m or 4h"],
    ),
    (
        ("    greeting: welcome\n", "    greeting: welcome\n    ring_timeout: 8d\n"),
        ["18:19: sites.shop.ring_timeout: too large: the maximum is 7d"],
    ),
    (
        ("    greeting: welcome\n", "    greeting: welcome\n    limits: {live_calls_per_site: 0}\n"),
        ["18:35: sites.shop.limits.live_calls_per_site: too small: the minimum is 1"],
    ),
    (
        ("    greeting: welcome\n", "    greeting: welcome\n    limits: {calls_per_ip: [5 per 0s]}\n"),
        ["18:29: sites.shop.limits.calls_per_ip[0]: write a count and a length of time up to 7d, such as 7 per 15m"],
    ),
    (
        ("server:\n", "server:\n  requests_per_ip: [0 per 1m]\n"),
        ["2:21: server.requests_per_ip[0]: no request for a call is ever answered: write at least 1, or remove this limit"],
    ),
    (("[US]", "[]"), ["13:5: sites.shop.countries: needs at least one item"]),
    (("[US]", "US"), ["13:16: sites.shop.countries: write a list: [a, b], or '- ' before each item on lines of their own"]),
    (("[US]", "[us]"), ["13:17: sites.shop.countries[0]: write a country's two capital letters, such as US"]),
    (
        ("  sales:\n", "  Sales:\n"),
        [
            '16:12: sites.shop.route: there is no route called "sales": did you mean "Sales"?',
            f"24:3: routes.Sales: not a valid name: write {NAME_FORM}",
        ],
    ),
    (
        ('"4412345"\n', '"4412345"\n    codecs: [pcmu]\n'),
        ['7:14: trunks.carrier.codecs[0]: not a known value: did you mean "PCMU"?'],
    ),
    (
        ('"4412345"\n', '"4412345"\n    registration: yes\n'),
        ["7:19: trunks.carrier.registration: write true or false"],
    ),
    (
        ("prompts:\n  welcome: welcome.wav", "prompts: welcome.wav"),
        [
            '17:15: sites.shop.greeting: there is no prompt called "welcome": there are no prompts yet',
            "28:10: prompts: write a mapping: a name and a colon for each, indented below it",
        ],
    ),
]  # fmt: skip

WRONG_TOGETHER = [
    (
        ("    trunk: carrier\n    caller_id", "    trunk: carier\n    caller_id"),
        ['14:12: sites.shop.trunk: there is no trunk called "carier": did you mean "carrier"?'],
    ),
    (
        ("[store]", "[stor, store]"),
        [
            '26:24: routes.sales.steps[0].destinations[0]: there is no destination called "stor": '
            'did you mean "store"?'
        ],
    ),
    (
        ("[US]", "[US, UK, XX]"),
        [
            '13:21: sites.shop.countries[1]: "UK" is not a country with telephones: did you mean "GB"?',
            '13:25: sites.shop.countries[2]: "XX" is not a country with telephones: write its ISO 3166-1 code, '
            "such as US or GB",
        ],
    ),
    (
        ("https://shop.example]", '"https://*.shop.example"]'),
        ["12:15: sites.shop.origins[0]: wildcards are not supported: name each origin"],
    ),
    (
        ("https://shop.example]", "https://shop.example:443]"),
        ["12:15: sites.shop.origins[0]: browsers omit the default port: omit it here too"],
    ),
    (
        ("https://shop.example]", "https://shop.example/]"),
        [
            "12:15: sites.shop.origins[0]: write an origin without a path or a trailing slash, "
            "such as https://shop.example"
        ],
    ),
    (
        ("    number:", "    sip: sip:1@pbx.example\n    number:"),
        ['22:13: destinations.store.number: give either "sip" or "number", not both'],
    ),
    (
        ('    number: "+16175550123"\n    trunk: carrier\n', ""),
        ['19:3: destinations.store: nobody to ring: add "sip", a SIP URI, or "number" and "trunk"'],
    ),
    (
        ('"+16175550123"\n    trunk: carrier\n', '"+16175550123"\n'),
        ['21:13: destinations.store.number: a number needs a trunk: add "trunk"'],
    ),
    (
        ('    number: "+16175550123"\n', "    sip: sips:200@pbx.example\n"),
        ['21:10: destinations.store.sip: sips: needs a "trunk" whose transport is tls'],
    ),
    (
        ("    password_env: PBX_PASSWORD\n", "    registration: true\n"),
        [
            '6:15: trunks.carrier.username: a username needs a password: add "password_file" or "password_env"',
            '7:19: trunks.carrier.registration: registering needs "username", and "password_file" or '
            '"password_env"',
        ],
    ),
    (
        ("    password_env: PBX_PASSWORD\n", "    password_env: PBX_PASSWORD\n    one_port: true\n"),
        [
            "8:15: trunks.carrier.one_port: calls can only leave from the port of a registration: "
            "add registration: true, or leave it out",
        ],
    ),
    (
        ("sip.carrier.example", "sip.carrier.example:99999"),
        ["5:11: trunks.carrier.host: the port must be at most 65535"],
    ),
    (
        ("    label: Store\n", '    label: Store\n    headers: {Via: x, X-A: "{pag}", x-a: "}"}\n'),
        [
            "21:20: destinations.store.headers.Via: Ringback writes this header itself: choose another, "
            "such as X-Shopper",
            '21:29: destinations.store.headers.X-A: {pag} is not a placeholder: did you mean "page"?',
            "21:42: destinations.store.headers.x-a: this header is here twice (upper and lower "
            "case are the same): keep one",
            "21:43: destinations.store.headers.x-a: this brace was never opened: use braces only for placeholders, such as "
            "{site}",
        ],
    ),
    (
        ("trunks:\n", "sip: {ports: 5100-5110, rtp_ports: 5105-5300}\nmedia: {max_workers: 20}\ntrunks:\n"),
        [
            "3:14: sip.ports: 11 ports are too few: max_workers 20 needs 21; extend the range, or lower max_workers",
            "3:36: sip.rtp_ports: 196 ports are too few: max_workers 20 needs 336; extend the "
            "range, or lower max_workers",
            "3:36: sip.rtp_ports: sip.ports and sip.rtp_ports overlap: give each a range of its own",
        ],
    ),
    (
        ("trunks:\n", "media: {max_workers: 400}\ntrunks:\n"),
        [
            "3:22: media.max_workers: 300 ports are too few: max_workers 400 needs 401; extend the "
            "range, or lower max_workers"
        ],
    ),
    (
        ("[127.0.0.1]\n", "[127.0.0.1]\n  listen_address: 127.0.0.1:5200\n"),
        ["3:19: server.listen_address: the HTTP port is within sip.ports: change one of the two"],
    ),
    (
        ("trunks:\n", "sip: {bind_address: localhost}\ntrunks:\n"),
        ["3:21: sip.bind_address: write an IP address, such as 192.0.2.10; names are not looked up"],
    ),
    (
        ("trunks:\n", "sip: {bind_address: '::1'}\ntrunks:\n"),
        ["3:21: sip.bind_address: SIP and RTP are IPv4 only (PJSIP's wheel has no IPv6): write an IPv4 address"],
    ),
    (
        (
            "    host: sip.carrier.example\n",
            "    host: sip.carrier.example\n    spend: {daily_cost: 10, currency: USD, time_zone: UTX}\n",
        ),
        [
            '6:25: trunks.carrier.spend.daily_cost: calls have no price here: add "prices", or limit "daily_minutes"',
            '6:55: trunks.carrier.spend.time_zone: no such time zone: did you mean "UTC"?',
        ],
    ),
    (
        (
            "    host: sip.carrier.example\n",
            '    host: sip.carrier.example\n    spend: {prices: {"+1": 1.2.3, "1": 2}, daily_cost: -1, increment: 0s}\n',
        ),
        [
            f"6:28: trunks.carrier.spend.prices['+1']: write {MONEY_FORM}",
            f"6:35: trunks.carrier.spend.prices.1: not a valid name: write {PREFIX_FORM}",
            f"6:56: trunks.carrier.spend.daily_cost: write {MONEY_FORM}",
            "6:71: trunks.carrier.spend.increment: too small: the minimum is 0.1s",
        ],
    ),
    (
        ("    label: Shop\n", "    label: Shop\n    spend: {daily_cost: 5, mailbox: nobody}\n"),
        [
            '12:25: sites.shop.spend.daily_cost: none of the site\'s trunks has "spend" with "prices": add them, or limit "daily_minutes"',
            '12:37: sites.shop.spend.mailbox: there is no mailbox called "nobody": the mailboxes are: office',
        ],
    ),
    (
        (
            "trunks:\n",
            'numbers: {refused_prefixes: ["+1 976", "1976"]}\ntrunks:\n',
        ),
        [
            f"3:40: numbers.refused_prefixes[1]: write {PREFIX_FORM}",
        ],
    ),
    (
        (
            "trunks:\n",
            'numbers: {refused_prefixes: ["+1 976", "+1976"], allowed_prefixes: ["+44", "+4470", "+881", "+999 1"]}\ntrunks:\n',
        ),
        [
            '3:40: numbers.refused_prefixes[1]: "+1976" is already in refused_prefixes (line 3): remove one of them',
            "3:69: numbers.allowed_prefixes[0]: this is a whole country with its premium numbers: "
            "use a longer prefix (the site's \"countries\" set which countries are called)",
            '3:93: numbers.allowed_prefixes[3]: "+999 1" has no valid country code: write a number such as +16175550100',
        ],
    ),
    (
        ("destinations:\n", "  other:\n    key: shop-example-1\n    label: Other\n    origins: [https://b.example]\n"
         "    countries: [US]\n    trunk: carrier\n    caller_id: {number: \"+16175550100\"}\n    route: sales\n"
         "destinations:\n"),
        ["19:10: sites.other.key: site shop has the same key (line 10): choose another"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), NOT_YAML)
def test_what_is_no_yaml_is_one_problem(tmp_path: Path, text: str | bytes, line: str) -> None:
    assert complaints(tmp_path, text) == [line]


@pytest.mark.parametrize(("change", "lines"), [*NOT_PLAIN_DATA, *WRONG_FORM, *WRONG_TOGETHER])
def test_one_slip_in_a_good_file(tmp_path: Path, change: tuple[str, str], lines: list[str]) -> None:
    if change[0] == "destinations:\n":
        text = GOOD.replace("\ndestinations:\n", f"\n{change[1]}", 1)
    else:
        text = changed(change)
    assert complaints(tmp_path, text) == lines


def test_every_problem_is_told_at_once_by_line(tmp_path: Path) -> None:
    text = changed(
        ("trusted_proxies: [127.0.0.1]", "listen_address: 8080"),
        ("password_env: PBX_PASSWORD", "password: hunter2"),
        ("label: Shop\n", "label: Shop\n    label: Again\n"),
        ("countries: [US]", "countries: [UK]"),
        ("greeting: welcome", "greeting: welcom"),
        ("[store]", "[shop]"),
        ("welcome.wav", "lost.wav"),
    )
    where = [line.split(": ")[0:2] for line in complaints(tmp_path, text)]
    assert where == [
        ["2:19", "server.listen_address"],
        ["7:15", "trunks.carrier.password"],
        ["12:5", "sites.shop"],
        ["14:17", "sites.shop.countries[0]"],
        ["18:15", "sites.shop.greeting"],
        ["27:24", "routes.sales.steps[0].destinations[0]"],
        ["30:12", "prompts.welcome"],
    ]


def test_aliases_of_aliases_are_bounded(tmp_path: Path) -> None:
    lines = ["a: &a [" + ",".join("1" * 20) + "]"]
    for below, name in zip("abcdef", "bcdefg", strict=True):
        lines.append(f"{name}: &{name} [" + ",".join([f"*{below}"] * 20) + "]")
    (line,) = complaints(tmp_path, "\n".join(lines))
    assert line.endswith("more than 250000 settings, counting each alias in full: write fewer")


@pytest.mark.parametrize(
    ("wav", "line"),
    [
        (
            {"channels": 2, "rate": 44100},
            "29:12: prompts.welcome: must be 16 bit, mono, 8000 or 16000 Hz, but is 16 bit, 2 channels, 44100 Hz: "
            "convert it: sox IN.wav -b 16 -c 1 -r 8000 OUT.wav",
        ),
        (
            {"width": 1},
            "29:12: prompts.welcome: must be 16 bit, mono, 8000 or 16000 Hz, but is 8 bit, 1 channel, 8000 Hz: "
            "convert it: sox IN.wav -b 16 -c 1 -r 8000 OUT.wav",
        ),
        ({"frames": 0}, "29:12: prompts.welcome: {path} contains no sound: record it again"),
        (None, "29:12: prompts.welcome: no such file: {path}"),
        (
            b"ID3 is no wave",
            "29:12: prompts.welcome: {path} is not a WAV file with plain PCM: "
            "convert it: sox IN.wav -b 16 -c 1 -r 8000 OUT.wav",
        ),
    ],
)
def test_recordings_must_be_playable(tmp_path: Path, wav: dict[str, int] | bytes | None, line: str) -> None:
    path = tmp_path / "other.wav"
    if isinstance(wav, bytes):
        path.write_bytes(wav)
    elif wav is not None:
        write_wav(path, **wav)
    assert complaints(tmp_path, changed(("welcome.wav", "other.wav"))) == [line.format(path=path)]


def test_certificates_must_be_there_private_and_in_pairs(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    (tmp_path / "key.pem").chmod(0o644)
    (tmp_path / "ca.pem").write_text("nonsense")
    tls = "\n    transport: tls\n    tls: {ca_file: ca.pem, key_file: key.pem}"
    assert complaints(tmp_path, changed(("sip.carrier.example", f"sip.carrier.example{tls}"))) == [
        f"7:20: trunks.carrier.tls.ca_file: {tmp_path}/ca.pem is not a PEM file: it must contain -----BEGIN … lines",
        f"7:38: trunks.carrier.tls.key_file: every user of this machine can read {tmp_path}/key.pem: chmod o-r it",
        '7:38: trunks.carrier.tls.key_file: needs "certificate_file": add it',
    ]


def test_the_good_file_is_good(tmp_path: Path) -> None:
    assert "PBX_PASSWORD" in ENVIRONMENT
    with pytest.raises(AssertionError, match="the file loads"):
        complaints(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    greeting: welcome\n", "    greeting: welcome\n    lost: {text: Sorry}\n"),
        ("  office: {label: Office}\n", "  office: {label: Office, longest: 60s}\n"),
        ("  office: {label: Office}\n", "  office: {label: Office}\nqueues:\n  line: {most: 3}\n"),
        ("  office: {label: Office}\n", "  office: {label: Office}\ncallbacks:\n  soon: {latest: 1d}\n"),
    ],
)
def test_a_name_like_that_of_a_setting_is_told_what_the_setting_is_called(
    tmp_path: Path, old: str, new: str
) -> None:
    (line,) = complaints(tmp_path, changed((old, new)))
    meant = {"lost": "lost_connection", "longest": "longest_message", "most": "most_waiting"}
    word = line.split(": ")[1].rpartition(".")[2]
    assert line.endswith(f'no such setting: did you mean "{meant.get(word, "longest_delay")}"?')
