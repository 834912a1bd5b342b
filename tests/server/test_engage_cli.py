"""``ringback engage test``: what each rule comes to, and why, from the server's own function."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.config.files import ENVIRONMENT, EXAMPLES

FILE = str(EXAMPLES / "engage.yaml")
#: Monday noon, and Sunday.
OPEN, CLOSED = "2026-11-30T12:00", "2026-11-29T12:00"


def tried(*arguments: str, at: str = OPEN, code: int = 0) -> str:
    result = CliRunner().invoke(
        app, ["engage", "test", FILE, "--at", at, *arguments], env={**ENVIRONMENT, "COLUMNS": "200"}
    )
    assert result.exit_code == code, result.output
    return result.output


def line_of(rule: str, text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{rule} ")]
    return line.removeprefix(rule).strip()


@pytest.mark.parametrize(
    ("arguments", "rule", "expected"),
    [
        ("--page /checkout --promo.failed 2", "promo_rescue", "invites to phone"),
        (
            "--page /checkout --promo.failed 2 --queue.wait 90s", "promo_rescue",
            "held (queue): the wait is too long: queue.wait < 60 is false: queue.wait is 90.0",
        ),
        (
            "--page /checkout --promo.failed 2 --hold typing", "promo_rescue",
            "held (typing): the shopper is typing",
        ),
        (
            "--page /checkout --promo.failed=1", "promo_rescue",
            "promo.failed >= 2 is false: promo.failed is 1",
        ),
        (
            "--page /cart --cart.value 120 --time-on-page 40s --agents.free 1", "heavy_cart",
            "held (agents): nobody is free, or everybody who is has an open invitation: agents.free >= 2 is "
            "false: agents.free is 1",
        ),
        (
            "--page /cart --cart.value 120 --time-on-page 40s --open-invitations 4", "heavy_cart",
            "held (agents): nobody is free, or everybody who is has an open invitation",
        ),
        (
            "--page /cart --cart.value 120 --time-on-page 10s", "heavy_cart",
            "time.on_page >= 30 || page.leaving is false: time.on_page is 10.0; page.leaving is false",
        ),
        ("--page /cart --cart.value 120 --page.leaving true", "heavy_cart", "invites to pc"),
        (
            "--page /checkout --promo.failed 2 --declined 6d", "promo_rescue",
            "held (cool_down): the shopper answered one not long ago",
        ),
        ("--page /checkout --promo.failed 2 --declined 8d", "promo_rescue", "invites to phone"),
        (
            "--page /checkout --promo.failed 2 --this-visit 2", "promo_rescue",
            "held (cap_visit): the shopper had as many invitations in this visit as they may",
        ),
        (
            "--page /checkout --promo.failed 2 --today 3", "promo_rescue",
            "held (cap_day): the shopper had as many invitations today as they may",
        ),
        ("--page / --search.empty 2", "nothing_found", "held (draft): the rule is a draft"),
        ("--page / --signed.customer.tier gold", "gold", "shows the phone button, which is open"),
        ("--page /jobs/tents", "no_jobs", "holds: the rules below show nothing"),
        (
            "--page / --signed.customer.tier silver --cart.value 199", "silver",
            "cart.value >= 200 is false: cart.value is 199.0",
        ),
    ],
)  # fmt: skip
def test_each_rule_says_what_it_came_to_and_why(arguments: str, rule: str, expected: str) -> None:
    assert line_of(rule, tried(*arguments.split())) == expected


def test_what_is_shown_and_when_the_page_asks_again() -> None:
    told = tried("--page", "/cart", "--cart.value", "120", "--time-on-page", "12s")
    assert "no invitation\n" in told
    assert "buttons: phone hidden, pc open\n" in told
    assert told.rstrip().endswith("or 18 seconds are over")
    told = tried("--page", "/cart", "--cart.value", "120", "--time-on-page", "40s")
    assert 'invites to pc: "Questions before you order?"\n' in told


def test_a_closed_business_offers_a_callback_and_invites_nobody() -> None:
    told = tried("--page", "/cart", "--cart.value", "120", "--time-on-page", "40s", at=CLOSED)
    assert line_of("heavy_cart", told) == "held (hours): the business is closed"
    assert "buttons: phone hidden, pc later\n" in told


def test_the_visitor_decides_in_experiments() -> None:
    found = {
        line_of(
            "promo_rescue",
            tried("--page", "/checkout", "--promo.failed", "2", "--visitor", f"shopper-{number}"),
        )
        for number in range(40)
    }
    assert found == {
        "invites to phone, variant short",
        "invites to phone, variant offer",
        "held (control): the shopper is in the control group of the rule",
        "held (holdout): the shopper is in the holdout of the site",
    }


def test_the_file_may_be_an_option_and_all_of_it_is_to_be_had_as_json() -> None:
    result = CliRunner().invoke(
        app,
        ["engage", "test", "--config", FILE, "--site", "outdoor", "--page", "/", "--json",
         "--signed.customer.tier", "gold"],
        env=ENVIRONMENT,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    *accounts, decision = [json.loads(line) for line in result.output.splitlines()]
    assert {each["rule"] for each in accounts if each["shown"]} == {"gold"}
    assert decision["offer"] is None
    assert decision["ask_again"]["facts"] == ["errors.count", "search.empty", "search.repeated"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--cart.vlaue 3", 'cart has no field vlaue: did you mean "value"?'),
        ("--cart.value much", "cart.value must be a number, and much is not"),
        ("--prono.failed 3", 'no fact prono.failed: did you mean "promo"?'),
        ("--page.path /x", "page.path follows from --page"),
        ("--now.hour 3", "now.hour follows from --at"),
        ("--cart.value", "--cart.value needs a value"),
        ("--declined soon", "write a duration with its unit, such as 20s, 500ms, 2m or 4h"),
        ("--hold agents", "a page says one of opted_out, in_contact, hidden_tab, dialog, typing"),
        ("--site other", "name one of the sites: outdoor"),
    ],
)
def test_a_mistake_on_the_command_line_is_told(arguments: str, expected: str) -> None:
    assert expected in " ".join(tried(*arguments.split(), code=2).replace("│", " ").split())
