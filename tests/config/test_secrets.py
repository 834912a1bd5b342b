"""Secrets come from files and the environment, and no text of ours ever shows one."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from config.check import check
from config.loader import load
from config.problems import ConfigError
from tests.config.files import ENVIRONMENT, EXAMPLES, changed, complaints, load_text, write_config

SECRET = "hunter2-Tr0ub4dor"
FROM_ENV = "    password_env: PBX_PASSWORD\n"


def trunk_with(line: str) -> str:
    return changed((FROM_ENV, f"    {line}\n"))


def test_a_file_gives_a_secret_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "pbx.password").write_text(f"{SECRET}\n")
    (tmp_path / "pbx.password").chmod(0o640)
    password = (
        load_text(tmp_path, trunk_with("password_file: pbx.password")).config.trunks["carrier"].password
    )
    assert password
    assert password.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            f"password: {SECRET}",
            "7:15: trunks.carrier.password: a secret must not be in this file: save it in a file of its own "
            'and give the path as "password_file", or put it into an environment variable and give its name as '
            '"password_env"',
        ),
        (
            f"pasword: {SECRET}",
            '7:5: trunks.carrier.pasword: no such setting: did you mean "password_env"?',
        ),
        (
            f"password_file: {SECRET}",
            "7:20: trunks.carrier.password_file: no such file: relative paths start at {folder}",
        ),
        (
            f"password_env: {SECRET}",
            "7:19: trunks.carrier.password_env: this environment variable is not set, or empty: set it where "
            "Ringback is started",
        ),
        (
            "password_file: open",
            "7:20: trunks.carrier.password_file: every user of this machine can read this file: chmod o-r it",
        ),
        (
            "password_file: empty",
            "7:20: trunks.carrier.password_file: this file is empty: write the secret into it",
        ),
        (
            "password_file: lines",
            "7:20: trunks.carrier.password_file: the secret must be one line of printable characters, in UTF-8",
        ),
        (
            "password_file: bytes",
            "7:20: trunks.carrier.password_file: the secret must be one line of printable characters, in UTF-8",
        ),
        (
            "password_file: large",
            "7:20: trunks.carrier.password_file: this file is larger than 4096 bytes: is it the right one?",
        ),
        (
            "{password_file: x, password_env: y}",
            None,
        ),
        ("password_file: ''", "7:20: trunks.carrier.password_file: write the path of a file"),
        (f"password: [{SECRET}]", None),
        (f"password: *{SECRET}", None),
        (f"password: !{SECRET}!x y", None),
        (f"password: !{SECRET} y", None),
        (f"password: %{SECRET}", None),
        (f"password: '{SECRET}", None),
        (f"password: @{SECRET}: x", None),
        (f"password {SECRET}", None),
        (f"password: {{ {SECRET}", None),
    ],
)
def test_what_is_no_secret_is_refused_without_showing_it(
    tmp_path: Path, line: str, complaint: str | None
) -> None:
    for name, content, mode in (
        ("open", SECRET.encode(), 0o644),
        ("empty", b"\n", 0o600),
        ("lines", f"{SECRET}\nX-Evil: 1\n".encode(), 0o600),
        ("bytes", SECRET.encode() + b"\xff", 0o600),
        ("large", SECRET.encode() * 1000, 0o600),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(mode)
    file = write_config(tmp_path, trunk_with(line))
    with pytest.raises(ConfigError) as caught:
        load(file, ENVIRONMENT)
    shown = str(caught.value) + repr(caught.value) + "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    if complaint:
        first = complaints(tmp_path, trunk_with(line))
        assert complaint.replace("{folder}", str(tmp_path)) in first


def test_both_sources_at_once_are_refused(tmp_path: Path) -> None:
    assert complaints(tmp_path, trunk_with("password_file: a\n    password_env: PBX_PASSWORD")) == [
        '8:19: trunks.carrier.password_env: give either "password_file" or "password_env", not both'
    ]


@pytest.mark.parametrize("name", ["pbx", "carrier", "support", "browser_agents", "call_centre"])
def test_no_print_of_the_settings_shows_a_secret(name: str) -> None:
    loaded = load(EXAMPLES / f"{name}.yaml", ENVIRONMENT)
    report = check(EXAMPLES / f"{name}.yaml", ENVIRONMENT)
    config = loaded.config
    shown = "".join(
        (repr(loaded), str(loaded), repr(report), repr(config), str(config), config.model_dump_json(),
         repr(config.model_dump()), repr(config.trunks), f"{config}")
    )  # fmt: skip
    for secret in ENVIRONMENT.values():
        assert secret not in shown


def test_other_problems_of_the_file_do_not_show_its_secrets(tmp_path: Path) -> None:
    text = changed(("label: Shop", "lable: Shop"), ("[US]", "7"), ("sip.carrier.example", "[]"))
    shown = "\n".join(complaints(tmp_path, text))
    assert ENVIRONMENT["PBX_PASSWORD"] not in shown


def test_a_short_operators_key_is_doubtful(tmp_path: Path) -> None:
    file = write_config(tmp_path, changed(("[127.0.0.1]", "[127.0.0.1]\n  admin_key_env: SHORT")))
    (warning,) = load(file, {**ENVIRONMENT, "SHORT": "1234"}).warnings
    assert warning.line(Path("f")) == (
        "f:3:18: server.admin_key_env: this key is shorter than 16 characters: use a longer one"
    )
