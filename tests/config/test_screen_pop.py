"""Settings of the screen pop and of agents' own phones: what is taken, refused and doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.sections.screen_pop import PopLink
from tests.config.files import ENVIRONMENT, GOOD, complaints, load_text, warnings
from tests.config.test_browsers import HASH

AGENTS = f"agents:\n  alice: {{label: Alice, password_hash: '{HASH}', phones: [store], rights: [numbers, sensitive]}}\n"


def with_pop(pop: str, agents: str = AGENTS) -> str:
    """The good file; line 18 is ``screen_pop:``."""
    return (
        GOOD.replace("    greeting: welcome\n", f"    greeting: welcome\n    screen_pop: {{{pop}}}\n")
        + agents
    )


def test_the_links_of_the_guide_are_right(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "screen-pop.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\nlinks:\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        links = "".join(f"      {line}\n" for line in block.splitlines())
        text = GOOD.replace(
            "    greeting: welcome\n", f"    greeting: welcome\n    screen_pop:\n      links:\n{links}"
        )
        assert not load_text(tmp_path, text).warnings


def test_what_an_operator_may_write(tmp_path: Path) -> None:
    pop = (
        "when: answer, history: 0, "
        "links: [{label: CRM, url: 'https://crm.example/find?phone={number}&n={context.customer.name}&s={signed.customer.id}', open_on: answer}], "
        "webhook: {url: https://crm.example/pop, secret_env: WEBHOOK_SECRET, when: answer, sensitive_fields: true}"
    )
    loaded = load_text(tmp_path, with_pop(pop))
    assert not loaded.warnings, "an agent with a phone of their own is named by no ring step"
    site, agent = loaded.config.sites["shop"], loaded.config.agents["alice"]
    assert (site.screen_pop.when, site.screen_pop.history) == ("answer", 0)
    assert site.screen_pop.links[0].open_on == "answer"
    webhook = site.screen_pop.webhook
    assert webhook
    assert (webhook.when, webhook.sensitive_fields) == ("answer", True)
    assert webhook.secret.get_secret_value() == ENVIRONMENT["WEBHOOK_SECRET"]
    assert (agent.phones, agent.rights) == (("store",), ("numbers", "sensitive"))


@pytest.mark.parametrize(
    ("pop", "expected"),
    [
        (
            "links: [{label: CRM, url: 'https://crm.example/{nubmer}'}]",
            '18:65: sites.shop.screen_pop.links[0].url: {nubmer} is not a placeholder: did you mean "number"?',
        ),
        (
            "links: [{label: CRM, url: 'https://{site}.example/'}]",
            "18:44: sites.shop.screen_pop.links[0].url: write a URL with placeholders after its host, such as https://crm.example/find?phone={number}",
        ),
        (
            "links: [{label: CRM, url: 'javascript:{number}'}]",
            "18:44: sites.shop.screen_pop.links[0].url: write a URL with placeholders after its host, such as https://crm.example/find?phone={number}",
        ),
        (
            "links: [{label: CRM, url: 'https://crm.example/?q={number'}]",
            "18:68: sites.shop.screen_pop.links[0].url: this brace is never closed: use braces only for placeholders, such as {site}",
        ),
        (
            "webhook: {url: https://crm.example/pop, secret_env: PBX_PASSWORD}",
            "18:70: sites.shop.screen_pop.webhook.secret_env: not a webhook's secret: write whsec_ and the base64 of 24 to 64 random bytes (openssl rand -base64 32)",
        ),
        ("history: 51", "18:27: sites.shop.screen_pop.history: too large: the maximum is 50"),
    ],
)
def test_what_is_wrong(tmp_path: Path, pop: str, expected: str) -> None:
    assert complaints(tmp_path, with_pop(pop)) == [expected]


@pytest.mark.parametrize(
    ("pop", "expected"),
    [
        (
            "when: answer, links: [{label: CRM, url: https://crm.example/, open_on: offer}]",
            "18:89: sites.shop.screen_pop.links[0].open_on: opens on answer: nothing is shown before then then",
        ),
        (
            "when: never, history: 3",
            "18:40: sites.shop.screen_pop.history: has no effect: agents' pages never show anything",
        ),
        (
            "webhook: {url: http://crm.example/pop, secret_env: WEBHOOK_SECRET}",
            "18:33: sites.shop.screen_pop.webhook.url: data sent here can be read and changed in transit: use https",
        ),
    ],
)
def test_what_is_doubtful(tmp_path: Path, pop: str, expected: str) -> None:
    assert warnings(tmp_path, with_pop(pop)) == [expected]


def test_a_phone_is_one_agents_own(tmp_path: Path) -> None:
    ben = f"  ben: {{label: Ben, password_hash: '{HASH}', phones: [store, stroe]}}\n"
    found = complaints(tmp_path, with_pop("", AGENTS + ben))
    assert [line.split(": ", 1)[1] for line in found] == [
        "agents.ben.phones[0]: this is already a phone of alice: a phone belongs to one agent",
        'agents.ben.phones[1]: there is no destination called "stroe": did you mean "store"?',
    ]


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://crm.example", True),
        ("https://crm.example/{number}", True),
        ("http://127.0.0.1:8080/?{number}", True),
        ("https://crm.example#/{number}", True),
        ("https://crm.example:{number}/", False),
        ("https://user@crm.example/", False),
        ("https:/crm.example/", False),
        ("https://crm.example\\@evil.example/", False),
        ("https://crm.example/ {number}", False),
        ("data:text/html,{page}", False),
    ],
)
def test_a_link_leads_to_the_operators_host(url: str, right: bool) -> None:
    try:
        PopLink(label="CRM", url=url)
    except ValueError:
        assert not right
    else:
        assert right
