"""Good files: the examples, what the loader makes of values, warnings, and the generated reference."""

from __future__ import annotations

import shutil
import time
from ipaddress import ip_network
from pathlib import Path
from typing import get_args

import pytest

from config import engines as config_engines
from config import reference
from config.check import check
from config.checks.templates import PLACEHOLDERS
from config.engines import EngineName
from config.fields import HostPort, Window
from config.loader import load
from config.models import Config
from media.engines import table as media_engines
from routing import headers
from routing.plan import ClickToCall
from tests.config.files import ENVIRONMENT, EXAMPLES, GOOD, changed, load_text, warnings, write_config


@pytest.mark.parametrize(
    "name",
    ["minimal", "pbx", "carrier", "franchises", "support", "browser_agents", "call_centre", "radiator",
     "jenny_craig", "one_shop", "chain", "agency", "engage"],
)  # fmt: skip
def test_the_examples_load_without_a_warning(tmp_path: Path, name: str) -> None:
    """As an operator keeps them: not readable by everybody."""
    here = shutil.copytree(EXAMPLES, tmp_path / "examples")
    (here / f"{name}.yaml").chmod(0o600)
    assert load(here / f"{name}.yaml", ENVIRONMENT).warnings == ()


@pytest.mark.parametrize(
    "name",
    ["minimal", "pbx", "carrier", "franchises", "support", "browser_agents", "call_centre", "radiator",
     "jenny_craig", "one_shop", "chain", "agency", "engage"],
)  # fmt: skip
def test_a_dump_for_our_own_processes_is_the_same_config(name: str) -> None:
    config = load(EXAMPLES / f"{name}.yaml", ENVIRONMENT).config
    assert Config.model_validate_json(config.model_dump_json(context={"reveal": True})) == config


def test_the_report_counts(tmp_path: Path) -> None:
    report = check(EXAMPLES / "pbx.yaml", ENVIRONMENT)
    assert report.ok
    assert report.counts == {"sites": 1, "trunks": 1, "routes": 1, "destinations": 4, "prompts": 2}
    report = check(tmp_path / "none.yaml", ENVIRONMENT)
    assert (report.ok, report.counts, len(report.problems)) == (False, {}, 1)


def test_values_become_what_the_models_take(tmp_path: Path) -> None:
    text = changed(
        (
            "[127.0.0.1]",
            "[127.0.0.1, 10.0.0.0/8, '::1']\n  listen_address: '[::1]:8081'\n  drain_timeout: 1.5m",
        ),
        ('username: "4412345"', "username: 0042\n    number_prefix: 0011\n    session_expires: null"),
        ("label: Shop", "label: no\n    limits: {calls_per_ip: [5 per 15m]}\n    ring_timeout: 500ms"),
        ("[US]", "[NO]"),
    )
    config = load_text(tmp_path, text).config
    carrier, shop = config.trunks["carrier"], config.sites["shop"]
    assert config.server.listen_address == HostPort("::1", 8081)
    assert config.server.trusted_proxies == tuple(map(ip_network, ("127.0.0.1", "10.0.0.0/8", "::1")))
    assert config.server.drain_timeout == 90.0
    assert (carrier.username, carrier.number_prefix, carrier.session_expires) == ("0042", "0011", None)
    assert (shop.label, shop.countries, shop.ring_timeout) == ("no", ("NO",), 0.5)
    assert shop.limits.calls_per_ip == (Window(5, 900.0),)


def test_paths_count_from_the_files_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(tmp_path, changed(("  welcome: welcome.wav", f"  welcome: {tmp_path}/welcome.wav")))
    monkeypatch.chdir(tmp_path.parent)
    config = load(Path(tmp_path.name) / "ringback.yaml", ENVIRONMENT).config
    assert config.prompts["welcome"] == tmp_path / "welcome.wav"
    assert config.server.database.file == Path("ringback.sqlite3")
    write_config(tmp_path, changed(("[127.0.0.1]", "[127.0.0.1]\n  database: calls.db")))
    config = load(Path(tmp_path.name) / "ringback.yaml", ENVIRONMENT).config
    assert config.server.database.file == tmp_path / "calls.db"


@pytest.mark.parametrize(
    "proxy", ["edge.example", "10.0.0.1:5070", "sip:edge.example;lr", "'sip:[::1]:5061'"]
)
def test_an_outbound_proxy_is_a_host_or_a_uri(tmp_path: Path, proxy: str) -> None:
    text = changed(("sip.carrier.example", f"sip.carrier.example\n    outbound_proxy: {proxy}"))
    assert load_text(tmp_path, text).config.trunks["carrier"].outbound_proxy == proxy.strip("'")


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    text = changed(
        ("[US]", "&where [US, CA]"),
        ("destinations:\n  store", "  other:\n    key: shop-example-2\n    label: Other\n    "
         "origins: [https://b.example]\n    countries: *where\n    trunk: carrier\n    "
         'caller_id: {number: "+16175550100"}\n    route: sales\ndestinations:\n  store'),
    )  # fmt: skip
    assert load_text(tmp_path, text).config.sites["other"].countries == ("US", "CA")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            ("  welcome: welcome.wav", "  welcome: welcome.wav\n  spare: welcome.wav"),
            "30:10: prompts.spare: nothing uses this: name it somewhere, or remove it",
        ),
        (
            ("[store]", "[store, store]"),
            "26:31: routes.sales.steps[0].destinations[1]: is in this step twice: remove one",
        ),
        (
            ("https://shop.example", "http://shop.example"),
            "12:15: sites.shop.origins[0]: pages without TLS can be changed in transit: use https",
        ),
        (
            ('"+16175550123"', '"+1617555"'),
            "21:13: destinations.store.number: this number is not valid in any country: check the digits",
        ),
        (
            ('"+16175550123"', '"+9991234567"'),
            "21:13: destinations.store.number: this number is not valid in any country: check the digits",
        ),
        (
            ("  trusted_proxies: [127.0.0.1]", "  listen_address: 0.0.0.0:8080"),
            "2:19: server.listen_address: everyone on the network can reach this address without encryption: "
            "put a TLS proxy in front",
        ),
        (
            ("  trusted_proxies: [127.0.0.1]", "  listen_address: 127.0.0.1:8080"),
            "2:19: server.listen_address: behind a proxy all shoppers have the proxy's address, "
            'and share its limits: name the proxy in "trusted_proxies", such as [127.0.0.1]',
        ),
        (
            ("sip.carrier.example", "sip.carrier.example\n    srtp: required"),
            "6:11: trunks.carrier.srtp: the SRTP keys are sent unencrypted: set transport to tls",
        ),
    ],
)
def test_what_is_doubtful_is_a_warning(tmp_path: Path, change: tuple[str, str], line: str) -> None:
    assert warnings(tmp_path, changed(change)) == [line]


def test_the_committed_reference_is_current(tmp_path: Path) -> None:
    reference.write(tmp_path)
    for name in ("configuration.md", "configuration.schema.json"):
        assert (tmp_path / name).read_text() == (reference.DOCS / name).read_text(), (
            "run python -m config.reference"
        )


def test_what_the_loader_accepts_the_rest_of_ringback_honours() -> None:
    click = ClickToCall("shop", "+16175550123", "https://shop.example/p", {}, "203.0.113.7")
    for name in PLACEHOLDERS:
        assert headers.fill(f"{{{name}}}", click, "c1") or name == "claimed_number"
    assert media_engines.ENGINES.keys() == config_engines.ENGINES.keys() == set(get_args(EngineName))


def test_the_example_recordings_are_playable_and_small() -> None:
    files = list((EXAMPLES / "prompts").glob("*.wav"))
    assert files
    assert sum(file.stat().st_size for file in files) < 100_000


def test_two_thousand_destinations_load_in_seconds(tmp_path: Path) -> None:
    names = [f"store_{number}" for number in range(2000)]
    many = "".join(
        f"  {name}:\n    label: Store\n    number: '+16175550123'\n    trunk: carrier\n" for name in names
    )
    text = changed(
        ("destinations:\n  store:\n    label: Store\n", f"destinations:\n{many}  store:\n    label: Store\n"),
        ("[store]", f"[store, {', '.join(names)}]"),
        text=GOOD,
    )
    file = write_config(tmp_path, text)
    began = time.process_time()
    assert len(load(file, ENVIRONMENT).config.destinations) == 2001
    assert time.process_time() - began < 6
