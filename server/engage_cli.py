"""``ringback engage``: what the engagement rules do with a page, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from config.fields import parse_duration
from engage.decide import BUSY
from engage.decision import EngageDecision, HeldReason
from engage.explain import RuleAccount, offer_in_words
from engage.load import check_engagement
from engage.memory import InvitationAnswer
from engage.trial import TrialError
from engage.trying import MadeUpPage, try_page
from routing.clicks import NoSuchSiteError, moment_of, try_click
from routing.load import load
from server.engage_report_cli import report
from server.options import AsJson, PassesData, SiteOption, passed
from server.routes_cli import refuse

engage = typer.Typer(help="Test the engagement rules, or see what they brought.", no_args_is_help=True)
engage.command("report")(report)
AgoOption = Annotated[str | None, typer.Option(help="How long ago the shopper did so, such as 2d.")]
SecondsOption = Annotated[str | None, typer.Option(help="Seconds, such as 40s.")]


@engage.command("test", cls=PassesData)
def try_rules(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The config file.", envvar="RINGBACK_CONFIG", show_default=False)
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The config file, too.")] = None,
    site: SiteOption = None,
    page: Annotated[str, typer.Option(help="The page: a URL, or a path on the site.")] = "/",
    time_on_page: SecondsOption = None,
    time_on_site: SecondsOption = None,
    time_idle: SecondsOption = None,
    at: Annotated[
        str, typer.Option(help="The time in the site's time zone, such as 2026-12-24T15:00; default: now.")
    ] = "",
    visitor: Annotated[
        str, typer.Option(help="The visitor's id, which decides in experiments; empty: no consent.")
    ] = "",
    language: Annotated[str, typer.Option(help="The language of the page, such as de.")] = "",
    device: Annotated[str, typer.Option(help="phone, tablet or desktop.")] = "desktop",
    hold: Annotated[
        list[HeldReason] | None,
        typer.Option(help="What keeps invitations back on the page, such as typing; can be repeated."),
    ] = None,
    untouched: Annotated[bool, typer.Option("--untouched", help="Nobody has touched the page yet.")] = False,
    declined: AgoOption = None,
    ignored: AgoOption = None,
    accepted: AgoOption = None,
    this_visit: Annotated[
        int, typer.Option(min=0, help="Invitations that the shopper had in this visit.")
    ] = 0,
    today: Annotated[int, typer.Option(min=0, help="Invitations that the shopper had today.")] = 0,
    open_invitations: Annotated[int, typer.Option(min=0, help="Invitations on other shoppers' screens.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Explain what each rule comes to on a page, and what is shown.

    Give facts as --cart.value 120, --signed.customer.tier gold, --agents.free 2, --hours.office false. What
    is not given of the business is as the routes have it at this time, with nobody busy.
    """
    config = config or file
    if config is None:
        raise typer.BadParameter("name the config file", param_hint="--config")
    router = load(config, further=[check_engagement]).router
    try:
        named = try_click(router.config, site, None, page).site
    except NoSuchSiteError as error:
        refuse(str(error), "--site")
    pairs = dict(_pairs(passed(context)))
    for option, given in (("on_page", time_on_page), ("on_site", time_on_site), ("idle", time_idle)):
        if given is not None:
            pairs[f"time.{option}"] = given
    for reason in hold or ():
        if reason not in BUSY:
            refuse(f"a page says one of {', '.join(BUSY)}", "--hold")
    try:
        now = moment_of(at, router.zones[named]) if at else datetime.now(UTC)
    except ValueError:
        refuse("write the time as 2026-12-24T15:00", "--at")
    made_up = MadeUpPage(
        site=named,
        page=page,
        facts=pairs,
        language=language,
        device=device,
        visitor=visitor,
        hold=frozenset(hold or ()),
        untouched=untouched,
        answered=_answered({"declined": declined, "ignored": ignored, "accepted": accepted}, now),
        in_visit=this_visit,
        in_day=today,
        open_invitations=open_invitations,
    )
    try:
        decision, accounts = try_page(router, made_up, now)
    except TrialError as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        for account in accounts:
            print(json.dumps(asdict(account)))
        print(json.dumps(asdict(decision)))
        return
    console = Console(highlight=False, soft_wrap=True)
    for line in _lines(accounts, decision):
        console.print(line)


def _answered(ago: Mapping[str, str | None], now: datetime) -> dict[InvitationAnswer, float]:
    """When the shopper answered an invitation before, and how."""
    found = {}
    for answer, text in ago.items():
        if text is not None:
            try:
                found[InvitationAnswer(answer)] = now.timestamp() - parse_duration(text)
            except ValueError as error:
                refuse(str(error), f"--{answer}")
    return found


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    """Names and values, from ``--cart.value 120`` and ``--cart.value=120``."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        if not equals:
            found = next(rest, None)
            if found is None:
                raise typer.BadParameter(f"{word} needs a value")
            value = found
        yield name, value


def _lines(accounts: tuple[RuleAccount, ...], decision: EngageDecision) -> Iterator[Text]:
    width = max((len(account.rule) for account in accounts), default=0)
    if not accounts:
        yield Text("this site has no rules")
    for account in accounts:
        style = "green" if account.shown else "yellow" if account.held else "dim"
        yield Text(f"{account.rule:<{width}}  {account.text}", style=style)
    yield Text()
    yield Text(offer_in_words(decision), style="bold")
    yield Text("buttons: " + ", ".join(f"{button.way} {button.state}" for button in decision.buttons))
    ask = decision.ask_again
    moments = [*(f"{name} changes" for name in ask.facts)]
    if ask.seconds is not None:
        moments.append(f"{ask.seconds:g} seconds are over")
    if ask.busy:
        moments.append("the page is ready for invitations")
    yield Text("asks again when " + ", or ".join(moments) if moments else "does not ask again on this page")
