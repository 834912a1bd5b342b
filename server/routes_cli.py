"""``ringback route``: what the routes do with a click, whether they do what is expected, who answers when."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text

from config.include import read_whole
from config.sections.sites import Talk
from config.tests_file import load_tests_file
from routing.clicks import NoSuchSiteError, NoSuchWayError, moment_of, try_click
from routing.decide import plan_call
from routing.expectations import run_tests, with_busy
from routing.explain import explain
from routing.load import load
from routing.plan import ClickToCall
from routing.router import Router
from routing.week import monday_of, week
from server.options import EXIT_FAILED, AsJson, ConfigFile, PassesData, SiteOption, passed
from server.week_view import week_lines, week_svg

routes = typer.Typer(help="Test and explain the routes.", no_args_is_help=True)
NumberOption = Annotated[str | None, typer.Option(help="The shopper's number, such as +16175550123.")]
ByOption = Annotated[
    Talk | None, typer.Option(help="How the shopper talks: phone (default), or pc, which needs no number.")
]
PageOption = Annotated[str, typer.Option(help="The page: a URL, or a path on the site.")]
IpOption = Annotated[str, typer.Option(help="The shopper's IP address.")]
AtOption = Annotated[
    str, typer.Option(help="The time in the site's time zone, such as 2026-12-24T15:00; default: now.")
]
BusyOption = Annotated[list[str] | None, typer.Option(help="A busy destination; can be repeated.")]
PickOption = Annotated[float, typer.Option(min=0, max=0.999999, help="The random draw for weighted steps.")]
_KEY = re.compile(r"--((?:cart|visitor|customer|context|signed)\.[A-Za-z0-9_.-]{1,64})(?:=(.*))?", re.DOTALL)
_STYLES = {"head": "bold", "yes": "green", "no": "dim", "plain": ""}


@routes.command("test", cls=PassesData)
def explain_one(
    context: typer.Context,
    config: ConfigFile,
    at: AtOption = "",
    by: ByOption = None,
    number: NumberOption = None,
    page: PageOption = "",
    site: SiteOption = None,
    ip: IpOption = "",
    busy: BusyOption = None,
    pick: PickOption = 0.5,
    as_json: AsJson = False,
) -> None:
    """Explain how a click is routed, step by step. Give page data as --cart.value 120."""
    router = load(config).router
    click = _click(router, site, by, number, page, ip, passed(context))
    now = _moment(at, router.zones[click.site])
    for name in busy or ():
        if name not in router.contacts:
            refuse(f"there is no destination {name}", "--busy")
    decision = plan_call(click, router, "test", with_busy(busy or ()), now, pick)
    console = Console(highlight=False, soft_wrap=True)
    for line in explain(decision, router):
        if as_json:
            print(json.dumps(asdict(line)))
            continue
        console.print(Text("  " * line.depth + line.text, style=_STYLES[line.tone]))


@routes.command("tests")
def run_all(config: ConfigFile, as_json: AsJson = False) -> None:
    """Run the tests in the config, and those in NAME.tests.yaml beside it.

    Tells each failure with its line, and the routes that no test comes to.
    """
    router = load(config).router
    source = read_whole(config).source
    beside = load_tests_file(config, router.config)
    outcomes = run_tests(router, beside.tests if beside else ())
    failed = 0
    for result in outcomes.results:
        failed += bool(result.failures)
        if as_json:
            failures = [failure.text for failure in result.failures]
            print(json.dumps({"test": result.test.name, "passed": not failures, "failures": failures}))
            continue
        stands_in = beside.source if beside and result.beside else source
        for failure in result.failures:
            place = stands_in.value_place(failure.loc)
            where = f"{place.file or stands_in.file}:{place.line}:{place.column}"
            print(f"{where}: {result.test.name}: {failure.text}")
    for name in outcomes.uncovered if not as_json else ():
        place = source.place(("routes", name))
        print(f"warning: {place.file or config}:{place.line}:{place.column}: no test covers route {name}")
    if not as_json:
        print(f"{len(outcomes.results) - failed} of {len(outcomes.results)} tests passed")
    if failed:
        raise typer.Exit(EXIT_FAILED)


@routes.command("week", cls=PassesData)
def show_week(
    context: typer.Context,
    config: ConfigFile,
    at: AtOption = "",
    by: ByOption = None,
    number: NumberOption = None,
    page: PageOption = "",
    site: SiteOption = None,
    ip: IpOption = "",
    svg: Annotated[Path | None, typer.Option(help="Write an SVG drawing to this file.")] = None,
) -> None:
    """Show who answers when in the week of --at, for a click given as for "test"."""
    router = load(config).router
    click = _click(router, site, by, number, page, ip, passed(context))
    slots = week(router, click, monday_of(_moment(at, router.zones[click.site])))
    labels = {name: contact.label for name, contact in router.contacts.items()}
    console = Console(highlight=False)
    for line in week_lines(slots, labels):
        console.print(line, soft_wrap=True)
    if svg is not None:
        svg.write_text(week_svg(slots, labels, click.site), encoding="utf-8")
        print(f"saved {svg}")


def _click(
    router: Router,
    site: str | None,
    by: Talk | None,
    number: str | None,
    page: str,
    ip: str,
    words: list[str],
) -> ClickToCall:
    try:
        context, signed = passed_data(words)
        return try_click(router.config, site, number, page, ip, context, signed, by)
    except NoSuchSiteError as error:
        refuse(str(error), "--site")
    except NoSuchWayError as error:
        refuse(str(error), "--by")


def passed_data(arguments: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the page claims, from ``--cart.value 120`` and ``--cart.value=120``; and what is signed."""
    context: dict[str, str] = {}
    signed: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        key = _KEY.fullmatch(argument)
        if key is None:
            raise typer.BadParameter(f"no such option: {argument}; page data is given as --cart.KEY VALUE")
        value = key[2] if key[2] is not None else next(rest, None)
        if value is None:
            raise typer.BadParameter(f"{argument} needs a value")
        if key[1].startswith("signed."):
            signed[key[1].removeprefix("signed.")] = value
        else:
            context[key[1].removeprefix("context.")] = value
    return context, signed


def _moment(at: str, zone: ZoneInfo) -> datetime:
    if not at:
        return datetime.now(UTC).astimezone(zone)
    try:
        return moment_of(at, zone)
    except ValueError:
        refuse("write the time as 2026-12-24T15:00", "--at")


def refuse(text: str, option: str) -> NoReturn:
    """Leave, telling what is wrong with an option."""
    raise typer.BadParameter(text, param_hint=option)
