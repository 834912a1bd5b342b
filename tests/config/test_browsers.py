"""Settings of agents and of legs in browsers: what is refused, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load
from tests.config.files import ENVIRONMENT, GOOD, changed, complaints, load_text, warnings, write_config

HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"
#: Line 32 is ``agents:``.
AGENTS = f"""\
agents:
  alice:
    label: Alice
    password_hash: {HASH}
"""
TWELVE_PORTS = ("trunks:\n", "sip: {ports: 5100-5111}\nmedia: {max_workers: 11}\ntrunks:\n")
WITH_AGENT = GOOD.replace("destinations: [store]", 'destinations: [store, "agent:alice"]') + AGENTS


def test_an_agent_is_named_where_destinations_are(tmp_path: Path) -> None:
    text = WITH_AGENT.replace("message: office", "message: office\n    when: call.site == 'shop'")
    text = text.replace("\n    when: call.site == 'shop'", "")
    text += "tests:\n  - {name: a, at: 2026-12-24T15:00, busy_destinations: ['agent:alice'], expect: {order: ['agent:alice']}}\n"
    config = load_text(tmp_path, text).config
    assert config.routes["sales"].steps[0].destinations == ("store", "agent:alice")
    assert config.agents["alice"].password_hash == HASH


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ('"agent:alice"]', '"agent:alcie"]'),
            '26:31: routes.sales.steps[0].destinations[1]: there is no agent called "alcie": did you mean "alice"?',
        ),
        (
            ('"agent:alice"]', "alice]"),
            '26:31: routes.sales.steps[0].destinations[1]: there is no destination called "alice": the agent is called "agent:alice"',
        ),
        (
            ("label: Alice\n", "label: Alice\n    hours: ofice\n"),
            '35:12: agents.alice.hours: there is no opening hours called "ofice": there are no opening hours yet',
        ),
        (
            (HASH, "secret"),
            "35:20: agents.alice.password_hash: write what `ringback agent-password` prints, which begins with $argon2id$",
        ),
        (
            (HASH, HASH.replace("argon2id", "argon2i")),
            "35:20: agents.alice.password_hash: write what `ringback agent-password` prints, which begins with $argon2id$",
        ),
    ],
)
def test_what_is_wrong_with_agents(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert complaints(tmp_path, changed(change, text=WITH_AGENT)) == [expected]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("turn: ['turn:turn.example']", 'turn: browsers need a password for the TURN servers: add "turn_secret_file" or "turn_secret_env"'),
        ("turn_secret_env: TURN_SECRET", 'turn_secret_env: a secret needs the servers that share it: add "turn"'),
        ("turn_secret: x\n  turn: ['turn:turn.example']", "turn_secret: a secret must not be in this file: save it in a file of its own and give the path as \"turn_secret_file\", or put it into an environment variable and give its name as \"turn_secret_env\""),
        ("turn_secret_env: TURN_SECRET\n  turn: ['stun:turn.example']", 'turn[0]: not a TURN server: put it under "stun"'),
        ("stun: ['turn:turn.example']", 'stun[0]: not a STUN server: put it under "turn"'),
        ("stun: ['stun:turn.example?transport=udp']", "stun[0]: a STUN address has no transport: remove everything after the port"),
        ("stun: [turn.example]", "stun[0]: write an address of a STUN or TURN server, such as turn:turn.example:3478?transport=udp"),
        ("public_address: shop.example", "public_address: write an IPv4 address, such as 192.0.2.10; names are not looked up"),
        ("bind_address: '::1'", "bind_address: write an IPv4 address, such as 192.0.2.10; names are not looked up"),
        ("media_ports: 25000-45000", "media_ports: webrtc.media_ports and sip.rtp_ports overlap: give each a range of its own"),
        ("media_ports: 5399-5400", "media_ports: webrtc.media_ports and sip.ports overlap: give each a range of its own"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_webrtc(tmp_path: Path, section: str, expected: str) -> None:
    (told,) = complaints(tmp_path, GOOD + f"webrtc:\n  {section}\n")
    assert told.split(": ", 1)[1] == f"webrtc.{expected}"


def test_an_expectation_by_a_way_that_the_site_lacks(tmp_path: Path) -> None:
    expectation = "tests:\n  - {name: a, at: 2026-12-24T15:00, by: pc, expect: {route: sales}}\n"
    with_pc = changed(("label: Shop\n", "label: Shop\n    talk_methods: [pc]\n"))
    assert load_text(tmp_path, with_pc + expectation).config.tests[0].by == "pc"
    (told,) = complaints(tmp_path, GOOD + expectation)
    assert told.endswith("tests[0].by: the site does not offer this: its talk_methods are phone")


@pytest.mark.parametrize(
    "text", [changed(("label: Shop\n", "label: Shop\n    talk_methods: [pc]\n")), WITH_AGENT]
)
def test_browser_workers_need_sip_ports_of_their_own(tmp_path: Path, text: str) -> None:
    assert load_text(tmp_path, changed(TWELVE_PORTS)).config.media.max_workers == 11
    (told,) = complaints(tmp_path, changed(TWELVE_PORTS, text=text))
    assert told.split(": ", 1)[1] == (
        "sip.ports: 12 ports are too few: max_workers 11 needs 13; extend the range, or lower max_workers"
    )


def test_the_turn_secret_comes_as_other_secrets_do(tmp_path: Path) -> None:
    section = "webrtc:\n  turn_secret_env: TURN_SECRET\n  turn: ['turns:turn.example:443?transport=tcp']\n"
    loaded = load_text(tmp_path, GOOD + section)
    assert loaded.warnings == ()
    assert loaded.config.webrtc.turn_secret is not None
    assert "violet" not in loaded.config.model_dump_json()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD + AGENTS, ['33:3: agents.alice: no ring step names this agent: name it as "agent:alice", or remove it']),
        (WITH_AGENT + "    time_zone: America/Denver\n", ['36:16: agents.alice.time_zone: has no effect without "hours"']),
        (changed(("label: Shop\n", "label: Shop\n    talk_methods: [pc, phone, pc]\n")), ["12:31: sites.shop.talk_methods[2]: is here twice: remove one"]),
        (changed(("label: Shop\n", "label: Shop\n    browser_audio: opus\n")), ['12:20: sites.shop.browser_audio: has no effect: shoppers do not talk by "pc", and there are no agents']),
        (changed(("label: Shop\n", "label: Shop\n    browser_audio: opus\n    talk_methods: [pc]\n")), []),
        (changed(("label: Shop\n", "label: Shop\n    browser_audio: opus\n"), text=WITH_AGENT), []),
    ],
)  # fmt: skip
def test_what_is_doubtful(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert warnings(tmp_path, text) == expected


def test_hashes_of_passwords_are_not_for_everybody(tmp_path: Path) -> None:
    file = write_config(tmp_path, WITH_AGENT)
    file.chmod(0o644)
    (told,) = load(file, ENVIRONMENT).warnings
    assert told.path == "agents.alice.password_hash"
    assert "every user of this machine can read this file" in told.text
    file.chmod(0o640)
    assert load(file, ENVIRONMENT).warnings == ()


def test_a_secret_for_one_time_codes(tmp_path: Path) -> None:
    (tmp_path / "alice.totp").write_text("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ\n")
    (tmp_path / "bad.totp").write_text("not base32!")
    for name in ("alice.totp", "bad.totp"):
        (tmp_path / name).chmod(0o600)
    text = WITH_AGENT + "    totp_secret_file: alice.totp\n"
    assert load_text(tmp_path, text).config.agents["alice"].totp_secret is not None
    (told,) = complaints(tmp_path, text.replace("alice.totp", "bad.totp"))
    assert told.endswith("use the output of `ringback agent-totp`: letters and the digits 2 to 7")
