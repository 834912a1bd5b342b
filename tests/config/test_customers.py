"""The customers of an agency: whose a site is, and keys that open one side alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load, load_server
from config.problems import ConfigError
from routing.load import load_in_parts
from tests.config.files import ENVIRONMENT, GOOD, write_config
from tests.config.test_browsers import HASH

KEYS = {
    "ACME_KEY": "seven-grey-herons-by-the-weir",
    "BOLT_KEY": "nine-brown-otters-in-a-stream",
    "SHORT_KEY": "short",
}
AGENCY = (
    (
        """\
customers:
  acme: {admin_key_env: ACME_KEY, public_url: "https://call.acme.example"}
  bolt: {admin_key_env: BOLT_KEY}
"""
        + GOOD
    ).replace("    label: Shop\n", "    label: Shop\n    customer: acme\n")
    + """\
x-more: {}
"""
)
OTHER = """\
    greeting: welcome
  bolts:
    key: bolts-example-1
    label: Bolts
    customer: bolt
    origins: [https://bolts.example]
    countries: [US]
    trunk: carrier
    caller_id: {number: "+16175550100"}
    route: sales
"""
ENV = ENVIRONMENT | KEYS
GOOD_AGENCY = AGENCY.replace("    greeting: welcome\n", OTHER)


def problems(file: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(file, ENV)
    return [line.replace(f"{file}:", "") for line in str(caught.value).splitlines()]


def test_each_site_has_its_customers_address(tmp_path: Path) -> None:
    loaded = load(write_config(tmp_path, GOOD_AGENCY), ENV)
    assert loaded.warnings == ()
    assert loaded.config.sites_of("acme") == {"shop"}
    assert loaded.config.public_url_of("shop") == "https://call.acme.example"
    assert loaded.config.public_url_of("bolts") == "http://127.0.0.1:8080"
    assert loaded.config.public_url_of("a site of yesterday") == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("customer: bolt\n", "customer: blot\n",
         ['25:15: sites.bolts.customer: there is no customer called "blot": did you mean "bolt"?']),
        ("BOLT_KEY", "ACME_KEY",
         ["3:25: customers.bolt.admin_key_env: customer acme has the same key (line 2): "
          "create one for this customer only"]),
        ("server:\n", "server:\n  admin_key_env: BOLT_KEY\n",
         ["3:25: customers.bolt.admin_key_env: the server has the same key (line 5): "
          "create one for this customer only"]),
        ("bolts-example-1", "shop-example-1",
         ["23:10: sites.bolts.key: site shop has the same key (line 13): choose another"]),
        ("call.acme.example", "call.acme.example/?x=",
         ["2:47: customers.acme.public_url: Ringback appends paths to this: remove the question "
            "mark and everything after it"]),
        ("{admin_key_env: BOLT_KEY}", "{admin_key: nine}",
         ['3:21: customers.bolt.admin_key: a secret must not be in this file: save it in a file '
            'of its own and give the path as "admin_key_file", or put it into an environment '
            'variable and give its name as "admin_key_env"']),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    assert GOOD_AGENCY.count(old) == 1
    assert problems(write_config(tmp_path, GOOD_AGENCY.replace(old, new))) == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    customer: bolt\n", "",
         ["3:3: customers.bolt: nothing uses this: name it somewhere, or remove it"]),
        ("BOLT_KEY", "SHORT_KEY",
         ["3:25: customers.bolt.admin_key_env: this key is shorter than 16 characters: use a longer one"]),
        ("https://call", "http://call",
         ["2:47: customers.acme.public_url: data sent here can be read and changed in transit: "
            "use https"]),
    ],
)  # fmt: skip
def test_what_is_doubtful(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    assert GOOD_AGENCY.count(old) == 1
    file = write_config(tmp_path, GOOD_AGENCY.replace(old, new))
    assert [problem.line(file).replace(f"{file}:", "") for problem in load(file, ENV).warnings] == told


AGENTS = GOOD_AGENCY.replace("destinations: [store]", "destinations: [store, agent:ann]").replace(
    "  bolt: {admin_key_env: BOLT_KEY}\n",
    "  bolt:\n    admin_key_env: BOLT_KEY\n    desk: {codes: {order: Order}, transfers: {routes: [sales]}}\n",
) + (
    "agents:\n"
    "  ann: {label: Ann, customer: acme, password_hash: HASH}\n"
    "  bob: {label: Bob, customer: bolt, password_hash: HASH, phones: [store]}\n"
    "  cy: {label: Cy, password_hash: HASH, phones: [store]}\n"
).replace("HASH", f"'{HASH}'")  # fmt: skip


def test_an_agent_sees_no_shoppers_of_another_customer(tmp_path: Path) -> None:
    told = problems(write_config(tmp_path, AGENTS))
    assert [line for line in told if "phones" not in line] == [
        "41:31: routes.sales.steps[0].destinations[1]: this agent works only for acme, and "
        "calls of site bolts come here: give each customer a route, or remove the agent's "
        "customer"
    ]
    one_customer = AGENTS.replace("    customer: bolt\n", "    customer: acme\n")
    loaded = load(write_config(tmp_path, one_customer.replace(", phones: [store]}\n  cy", "}\n  cy")), ENV)
    assert loaded.config.desk_of("bob").codes == {"order": "Order"}
    assert loaded.config.desk_of("ann") is loaded.config.desk_of("cy") is loaded.config.desk
    assert loaded.config.sites_of_agent("ann") == loaded.config.sites_of_agent("cy") == {"shop", "bolts"}
    assert loaded.config.sites_of_agent("bob") == frozenset()
    assert not loaded.config.are_colleagues("ann", "bob")


def test_a_desk_of_a_customer_has_its_places_too(tmp_path: Path) -> None:
    text = AGENTS.replace("[store, agent:ann]", "[store]").replace("routes: [sales]", "routes: [sale]")
    told = problems(write_config(tmp_path, text.replace("customer: acme, p", "customer: acne, p")))
    assert [line for line in told if "phones" not in line] == [
        '5:56: customers.bolt.desk.transfers.routes[0]: there is no route called "sale": '
        'did you mean "sales"?',
        '49:31: agents.ann.customer: there is no customer called "acne": did you mean "acme"?',
    ]


def test_a_customer_in_a_file_of_its_own_is_left_out_with_a_key_that_is_anothers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    file = write_config(tmp_path, "include: bolt.yaml\n" + AGENCY.replace(
        "  bolt: {admin_key_env: BOLT_KEY}\n", ""
    ))  # fmt: skip
    own = tmp_path / "bolt.yaml"
    text = "customers:\n  bolt: {admin_key_env: BOLT_KEY}\nsites:\n" + OTHER.partition("\n")[2]
    own.write_text(text)
    assert set(load(file, ENV).config.customers) == {"acme", "bolt"}
    own.write_text(text.replace("BOLT_KEY", "ACME_KEY"))
    loaded = load_in_parts(file)
    assert set(loaded.config.customers) == {"acme"}
    assert [problem.line(file) for problem in loaded.left_out] == [
        f"{own}:2:25: customers.bolt.admin_key_env: customer acme has the same key (line 3): "
        "create one for this customer only"
    ]


def test_a_customer_needs_a_small_file_for_their_own_commands(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text("server: {listen_address: 127.0.0.1:9000, admin_key_env: ACME_KEY}\n")
    key = load_server(file, KEYS).admin_key
    assert key is not None
    assert key.get_secret_value() == KEYS["ACME_KEY"]
