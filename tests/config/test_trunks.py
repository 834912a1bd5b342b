"""Trunks that contradict themselves, and lists of backup trunks: what the operator is told."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load
from tests.config.files import ENVIRONMENT, changed, complaints, write_config

HOST = "    host: sip.carrier.example"
#: Two more trunks above the carrier's, in two lines.
MORE = ("trunks:\n", "trunks:\n  second: {host: second.example}\n  third: {host: third.example}\n")

WRONG = [
    (
        (HOST, f"{HOST}\n    number_format: national"),
        [
            '6:20: trunks.carrier.number_format: national numbers need a country: add "country", such as country: DE'
        ],
    ),
    (
        (HOST, f"{HOST}\n    caller_format: national\n    country: UK"),
        [
            '7:14: trunks.carrier.country: "UK" is not a country with telephones: '
            "write its ISO 3166-1 code, such as US or GB"
        ],
    ),
    (
        (HOST, f"{HOST}\n    from_user: account\n    privacy: id"),
        [
            "7:14: trunks.carrier.privacy: makes From anonymous, but from_user puts the account there: keep one of the two"
        ],
    ),
    (
        ('    username: "4412345"\n    password_env: PBX_PASSWORD', "    from_user: account"),
        ['6:16: trunks.carrier.from_user: there is no account to send: add "username"'],
    ),
    (
        ("    trunk: carrier\nroutes", "    trunk: carrier\n    backup_trunks: [carrier, nowhere]\nroutes"),
        [
            "23:21: destinations.store.backup_trunks[0]: this is the trunk itself, which is tried first: "
            "name another, or remove it",
            '23:30: destinations.store.backup_trunks[1]: there is no trunk called "nowhere": the trunks are: carrier',
        ],
    ),
    (
        (
            '    number: "+16175550123"\n    trunk: carrier',
            "    sip: sip:1@pbx.example\n    backup_trunks: [carrier]",
        ),
        ['22:5: destinations.store.backup_trunks: needs "trunk", which is tried first: add it'],
    ),
    (
        (HOST, f"{HOST}\n    ping_interval: 1s"),
        ["6:20: trunks.carrier.ping_interval: too small: the minimum is 5s"],
    ),
    (
        (HOST, f"{HOST}\n    response_timeout: 33s"),
        ["6:23: trunks.carrier.response_timeout: too large: the maximum is 32s"],
    ),
]


@pytest.mark.parametrize(("change", "lines"), WRONG)
def test_what_cannot_be_is_told_where_it_stands(
    tmp_path: Path, change: tuple[str, str], lines: list[str]
) -> None:
    assert complaints(tmp_path, changed(change)) == lines


def test_a_trunk_stands_by_once(tmp_path: Path) -> None:
    text = changed(
        MORE,
        (
            "    trunk: carrier\n    caller_id",
            "    trunk: carrier\n    backup_trunks: [second, third, second]\n    caller_id",
        ),
    )
    (line,) = complaints(tmp_path, text)
    assert line.endswith("sites.shop.backup_trunks[2]: this trunk is here twice: remove one")


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        ("country: DE", "has no effect: neither number_format nor caller_format is national"),
        (
            "privacy: id\n    asserted_identity: never",
            "with privacy, only P-Asserted-Identity tells the carrier who calls: it may reject the call",
        ),
        (
            "from_user: account\n    asserted_identity: never",
            "with from_user: account no header has the caller's number: phones show the account",
        ),
    ],
)
def test_what_is_doubtful_is_told(tmp_path: Path, settings: str, warning: str) -> None:
    write_config(tmp_path, changed((HOST, f"{HOST}\n    {settings}")))
    assert [each.text for each in load(tmp_path / "ringback.yaml", ENVIRONMENT).warnings] == [warning]


def test_backup_trunks_count_as_used(tmp_path: Path) -> None:
    text = changed(
        MORE, ("    trunk: carrier\nroutes", "    trunk: carrier\n    backup_trunks: [second, third]\nroutes")
    )
    write_config(tmp_path, text)
    loaded = load(tmp_path / "ringback.yaml", ENVIRONMENT)
    assert loaded.warnings == ()
    assert loaded.config.destinations["store"].backup_trunks == ("second", "third")
