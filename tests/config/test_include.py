"""Repetition: included files, defaults, sections that hold anchors; one customer's mistake is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.draft import Draft
from config.include import read_whole
from config.models import Config
from config.problems import ConfigError
from routing.load import LoadedRoutes, check, load, load_in_parts
from server.settings import CurrentSettings
from tests.aio import asyncio_test
from tests.config.files import ENVIRONMENT, GOOD, changed, write_config

CUSTOMER = """\
defaults:
  sites: {label: Customer}
sites:
  NAME: {key: NAME-public-1, origins: ["https://NAME.example"], route: NAME}
destinations:
  NAME: {label: NAME, number: "+12125550142"}
mailboxes:
  NAME: {label: NAME}
routes:
  NAME: {steps: [{destinations: [NAME]}], message: NAME}
"""
DEFAULTS = """\
include: customers
x-usual: &usual {number: "+16175550100"}
defaults:
  sites: {countries: [US], trunk: carrier, caller_id: *usual, limits: {live_calls_per_site: 7}}
  destinations: {trunk: carrier, screening: press_1}
"""


def agency(folder: Path, **customers: str) -> Path:
    (folder / "customers").mkdir(exist_ok=True)
    for name, text in customers.items():
        (folder / "customers" / f"{name}.yaml").write_text(text)
    return write_config(folder, DEFAULTS + GOOD)


def customer(name: str, *changes: tuple[str, str]) -> str:
    text = CUSTOMER.replace("NAME", name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def told(file: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(file, ENVIRONMENT)
    return [line.replace(f"{file.parent}/", "") for line in str(caught.value).splitlines()]


def test_a_folder_of_customers_and_what_holds_for_all(tmp_path: Path) -> None:
    loaded = load(agency(tmp_path, acme=customer("acme"), beta=customer("beta")), ENVIRONMENT)
    assert loaded.warnings == ()
    assert list(loaded.config.sites) == ["shop", "acme", "beta"]
    acme, shop = loaded.config.sites["acme"], loaded.config.sites["shop"]
    assert (acme.label, acme.trunk, acme.caller_id.number, acme.limits.live_calls_per_site) == (
        "Customer", "carrier", "+16175550100", 7,
    )  # fmt: skip
    assert shop.label == "Shop"
    assert shop.limits.live_calls_per_site == 7
    assert [each.screening for each in loaded.config.destinations.values()] == ["press_1"] * 3


def test_an_item_has_its_own_in_place_of_a_default(tmp_path: Path) -> None:
    more = (
        "route: acme, limits: {calls_per_site: [5 per 1h]}, countries: [CA], "
        'caller_id: {number: "+12125550199"}}'
    )
    file = agency(tmp_path, acme=customer("acme", ("route: acme}", more)))
    site = load(file, ENVIRONMENT).config.sites["acme"]
    assert site.countries == ("CA",)
    assert site.caller_id.number == "+12125550199"
    # Within a mapping key by key.
    assert (site.limits.live_calls_per_site, site.limits.calls_per_site[0].times) == (7, 5)


def test_problems_stand_in_their_own_files(tmp_path: Path) -> None:
    file = agency(
        tmp_path,
        acme=customer("acme", ("message: acme", "message: acne")),
        beta=customer("beta", ("key: beta-public-1", "key: beta-public-1, tunk: x")),
        gamma="sites:\n  shop: {key: other-public-1}\n  g: [\n",
        shop="routes:\n  sales: {message: office}\nserver: {listen_address: 127.0.0.1:9000}\n",
    )
    assert told(file) == [
        'customers/acme.yaml:10:52: routes.acme.message: there is no mailbox called "acne": did you mean '
        '"acme"?',
        'customers/beta.yaml:4:30: sites.beta.tunk: no such setting: did you mean "trunk"?',
        "customers/gamma.yaml:3:6: no value can start here, or a { or [ is not closed",
        'customers/shop.yaml:2:3: routes.sales: the name "sales" is taken in ringback.yaml, line 29: choose '
        "another, such as one that begins with the customer's",
        "customers/shop.yaml:3:1: server: is already in ringback.yaml, line 6: keep one of the two",
    ]


def test_conditions_tables_and_defaults_too(tmp_path: Path) -> None:
    file = agency(
        tmp_path,
        acme=customer(
            "acme", ("{steps", "{when: 'cart.valu >', steps"), ("label: Customer", "ring_timeout: 5")
        )
        + "stores: {shops: {file: shops.csv}}\n",
    )
    (tmp_path / "customers" / "shops.csv").write_text("name\nboston\n")
    places = [line.partition(": ")[0] for line in told(file)]
    assert places[0] == "customers/acme.yaml:2:25"  # the default, where it is written
    assert "customers/acme.yaml:10:28" in places
    assert "customers/shops.csv:1:1" in places  # relative to the file that names it


def test_secrets_count_from_the_file_that_names_them(tmp_path: Path) -> None:
    trunk = "trunks: {own: {host: sip.own.example, username: a, password_file: own.password}}\n"
    file = agency(tmp_path, acme=trunk + customer("acme").replace("route: acme}", "route: acme, trunk: own}"))
    assert told(file) == [
        "customers/acme.yaml:1:67: trunks.own.password_file: no such file: relative paths start at customers"
    ]
    secret = tmp_path / "customers" / "own.password"
    secret.write_text("orange-lamp-44\n")
    secret.chmod(0o600)
    password = load(file, ENVIRONMENT).config.trunks["own"].password
    assert password
    assert password.get_secret_value() == "orange-lamp-44"


@pytest.mark.parametrize(
    ("include", "line"),
    [
        ("nowhere", "1:10: include: no such file or folder: relative paths start at {folder}"),
        (
            "ringback.yaml",
            "1:10: include: {folder}/ringback.yaml is included already, or includes itself: remove one",
        ),
        ("[a.yaml, a.yaml]", "1:19: include: {folder}/a.yaml is included already"),
        ("{a: b}", "1:10: include: write the path of a file or a folder"),
        ("[[x]]", "1:11: include: write the path of a file or a folder"),
        ("/*/../**x", "1:10: include: "),
    ],
)
def test_what_cannot_be_included(tmp_path: Path, include: str, line: str) -> None:
    (tmp_path / "a.yaml").write_text("x-nothing: {}\n")
    file = write_config(tmp_path, f"include: {include}\n{GOOD}")
    report = check(file, ENVIRONMENT)
    lines = [each.line(Path("f")).removeprefix("f:") for each in (*report.problems, *report.warnings)]
    assert lines[0].startswith(line.format(folder=tmp_path))


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("include: b.yaml\n")
    (tmp_path / "b.yaml").write_text("include: a.yaml\n")
    (line,) = told(write_config(tmp_path, f"include: a.yaml\n{GOOD}"))
    assert line.startswith("b.yaml:1:10: include: a.yaml is included already, or includes itself")


def test_patterns_and_folders_are_sorted_and_leave_expectations_out(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "a.tests.yaml", ".hidden.yaml", "notes.txt", "c.yaml"):
        (tmp_path / name).write_text("x-nothing: {}\n")
    folder = tmp_path / "main"
    folder.mkdir()
    for include in ("..", "../*"):
        file = write_config(folder, f"include: {include}\n{GOOD}")
        assert [Path(part).name for part in read_whole(file).parts] == ["a.yml", "b.yaml", "c.yaml"]
    report = check(write_config(folder, f"include: '../*.yuml'\n{GOOD}"), ENVIRONMENT)
    assert [each.text for each in report.warnings] == ["this includes no file: check the path"]


@pytest.mark.parametrize(
    ("defaults", "line"),
    [
        ("{site: {label: X}}", '1:12: defaults.site: not a section of named items: did you mean "sites"?'),
        ("{server: {listen_address: 'x:1'}}", "1:12: defaults.server: not a section of named items"),
        ("{sites: {lable: X}}", '1:20: defaults.sites.lable: no such setting: did you mean "label"?'),
        ("{sites: [X]}", "1:19: defaults.sites: write defaults for the items"),
        ("[X]", "1:1: defaults: write sections with defaults for their items"),
    ],
)
def test_defaults_that_are_none(tmp_path: Path, defaults: str, line: str) -> None:
    lines = told(write_config(tmp_path, f"defaults: {defaults}\n{GOOD}"))
    assert lines[0].startswith(f"ringback.yaml:{line}")


# --- one customer's mistake ---------------------------------------------------------------------------


def test_at_a_reload_a_wrong_customer_stays_as_it_was_and_the_others_change(tmp_path: Path) -> None:
    file = agency(tmp_path, acme=customer("acme"), beta=customer("beta"))
    before = load_in_parts(file, ENVIRONMENT)
    assert before.left_out == ()
    agency(
        tmp_path,
        acme=customer("acme", ("label: Customer", "label: [")),
        beta=customer("beta", ("label: Customer", "label: New")),
    )
    after = load_in_parts(file, ENVIRONMENT, former=before)
    assert {problem.part for problem in after.left_out} == {str(tmp_path / "customers" / "acme.yaml")}
    assert after.config.sites["acme"] == before.config.sites["acme"]
    assert after.config.sites["beta"].label == "New"
    assert not check(file, ENVIRONMENT).ok
    # Once more, from there: it still is as it was.
    again: LoadedRoutes = load_in_parts(file, ENVIRONMENT, former=after)
    assert again.config.sites["acme"].label == "Customer"
    # Once repaired, it counts.
    agency(tmp_path, acme=customer("acme", ("label: Customer", "label: Repaired")))
    assert load_in_parts(file, ENVIRONMENT, former=again).config.sites["acme"].label == "Repaired"


@pytest.mark.parametrize(
    "change",
    [
        ("message: acme", "message: nobody"),
        ("{steps", "{when: 'crt.value > 1', steps"),
        ("mailboxes:", "mailboxes: ["),
        ("destinations: [acme]", "destinations: [shops]"),
        ("key: acme-public-1", "key: acme-public-1, origin: x"),
    ],
)
def test_at_the_start_a_wrong_customer_is_left_out(tmp_path: Path, change: tuple[str, str]) -> None:
    file = agency(tmp_path, acme=customer("acme", change), beta=customer("beta"))
    loaded = load_in_parts(file, ENVIRONMENT)
    assert list(loaded.config.sites) == ["shop", "beta"]
    assert {problem.part for problem in loaded.left_out} == {str(tmp_path / "customers" / "acme.yaml")}
    # Once repaired, a reload takes it in.
    agency(tmp_path, acme=customer("acme"))
    assert "acme" in load_in_parts(file, ENVIRONMENT, former=loaded).config.sites


def test_two_customers_with_one_key_the_later_one_is_wrong(tmp_path: Path) -> None:
    same = customer("beta", ("key: beta-public-1", "key: acme-public-1"))
    loaded = load_in_parts(agency(tmp_path, acme=customer("acme"), beta=same), ENVIRONMENT)
    assert list(loaded.config.sites) == ["shop", "acme"]


def test_a_mistake_in_the_config_file_itself_refuses_all(tmp_path: Path) -> None:
    file = agency(tmp_path, acme=customer("acme"))
    before = load_in_parts(file, ENVIRONMENT)
    file.write_text(DEFAULTS + changed(("    trunk: carrier\n    caller", "    trunk: other\n    caller")))
    with pytest.raises(ConfigError):
        load_in_parts(file, ENVIRONMENT, former=before)


@asyncio_test
async def test_a_reload_of_the_server_tells_which_customer_stays_as_it_was(tmp_path: Path) -> None:
    file = agency(tmp_path, acme=customer("acme"), beta=customer("beta"))
    applied: list[Config] = []

    def further(draft: Draft) -> None:
        """In place of what the host can do, which is no part of this."""

    settings = CurrentSettings(load_in_parts(file, ENVIRONMENT))
    settings.changed.listen(lambda: applied.append(settings.config()))
    agency(
        tmp_path,
        acme=customer("acme", ("message: acme", "message: nobody")),
        beta=customer("beta", ("label: Customer", "label: New")),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.settings.FURTHER_CHECKS", [further])
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        report = await settings.reload()
    (config,) = applied
    assert config.sites["beta"].label == "New"
    assert config.routes["acme"].message == "acme"
    acme = tmp_path / "customers" / "acme.yaml"
    assert report.warnings[0].startswith(f"{acme}:10:52: routes.acme.message: there is no mailbox")
    assert report.warnings[0].endswith(f"({acme} stays as it was)")
    assert settings.state.failed_at is not None
    assert settings.state.problems
