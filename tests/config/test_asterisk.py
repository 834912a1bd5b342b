"""Settings of Asterisk and of agents' phones behind it: what is refused, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import GOOD, changed, complaints, load_text, warnings
from tests.scenarios.pages import PASSWORD_HASH

#: Line 32 is ``asterisk:``, line 39 ``agents:``.
ASTERISK = (
    GOOD
    + f"""\
asterisk:
  office:
    manager: 127.0.0.1:5038
    username: ringback
    secret_env: PBX_PASSWORD
    queues: [sales]
    variables: {{__CART: '{{context.cart.value}}'}}
agents:
  alice:
    label: Alice
    password_hash: "{PASSWORD_HASH}"
    interface: PJSIP/alice
"""
)
ORIGINATE = (
    '    number: "+16175550123"\n',
    "    sip: sip:810@pbx.example\n    origination: {asterisk: office, channel: Local/810@internal, endpoint: ringback}\n",
)
WAREHOUSE = (
    "agents:\n",
    "  warehouse:\n    username: ringback\n    secret_env: PBX_PASSWORD\nagents:\n",
)
BOB = (
    "    interface: PJSIP/alice\n",
    f"    interface: PJSIP/alice\n  bob:\n    label: Bob\n    password_hash: '{PASSWORD_HASH}'\n    interface: PJSIP/alice\n",
)


def test_an_asterisk(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, changed(ORIGINATE, text=ASTERISK))
    office = loaded.config.asterisk["office"]
    assert (str(office.manager), office.queues) == ("127.0.0.1:5038", ("sales",))
    assert office.secret.get_secret_value() == "zebra-crossing-71"
    assert "zebra" not in repr(office)
    assert loaded.config.agents["alice"].interface == "PJSIP/alice"
    placed = loaded.config.destinations["store"].origination
    assert placed is not None
    assert (placed.asterisk, placed.channel, placed.endpoint) == ("office", "Local/810@internal", "ringback")
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("    secret_env: PBX_PASSWORD\n    queues", "    queues")], '33:3: asterisk.office.secret: missing: add "secret_file", the path of a file, or "secret_env"'),
        ([("PJSIP/alice", "alice")], "43:16: agents.alice.interface: write an interface of Asterisk, such as PJSIP/alice"),
        ([("    interface: PJSIP/alice\n", "    interface: PJSIP/alice\n    asterisk: offcie\n")], '44:15: agents.alice.asterisk: there is no Asterisk called "offcie": did you mean "office"?'),
        ([WAREHOUSE], '46:16: agents.alice.interface: there are there are several Asterisks: add "asterisk", one of office, warehouse'),
        ([BOB], "47:16: agents.bob.interface: agent alice has the same phone: choose another"),
        ([("__CART:", "RINGBACK_PAGE:")], "38:32: asterisk.office.variables.RINGBACK_PAGE: Ringback sets this variable itself: choose another name"),
        ([("__CART:", "CART(x):")], "38:17: asterisk.office.variables['CART(x)']: not a valid name: write the name of a variable of the dialplan, such as CART"),
        ([("{context.cart.value}", "{cart.value}")], "38:26: asterisk.office.variables.__CART: {cart.value} is not a placeholder: the placeholders are: call_id, claimed_number, context.KEY, number, page, signed.KEY, site"),
        ([ORIGINATE, ("sip: sip:810@pbx.example", "number: '+16175550123'")], '22:5: destinations.store.origination: needs "sip", for when Asterisk cannot be reached, and its "trunk"'),
        ([ORIGINATE, ("asterisk: office, channel", "asterisk: nowhere, channel")], '22:29: destinations.store.origination.asterisk: there is no Asterisk called "nowhere": the Asterisks are: office'),
        ([ORIGINATE, ("Local/810@internal", "810@internal")], "22:46: destinations.store.origination.channel: write an interface of Asterisk, such as PJSIP/alice"),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, changes: list[tuple[str, str]], expected: str) -> None:
    assert complaints(tmp_path, changed(*changes, text=ASTERISK)) == [expected]


def test_a_phone_of_which_nobody_tells(tmp_path: Path) -> None:
    section = ASTERISK[ASTERISK.index("asterisk:") : ASTERISK.index("agents:")]
    assert complaints(tmp_path, ASTERISK.replace(section, "")) == [
        '36:16: agents.alice.interface: nothing reports the state of this phone: add the section "asterisk"'
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [("127.0.0.1:5038", "192.0.2.10:5038")],
            "34:14: asterisk.office.manager: the connection to this Asterisk is not encrypted: set tls to true",
        ),
        (
            [("    queues: [sales]", "    ca_file: ca.pem")],
            "37:14: asterisk.office.ca_file: has no effect while tls is false",
        ),
        (
            [("    interface: PJSIP/alice\n", "    asterisk: office\n    phones: [store]\n")],
            '43:15: agents.alice.asterisk: has no effect without "interface"',
        ),
    ],
)
def test_what_is_doubtful(tmp_path: Path, changes: list[tuple[str, str]], expected: str) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert warnings(tmp_path, changed(*changes, text=ASTERISK)) == [expected]
