"""``ringback flows``: talk to a guided chat in the terminal, before any page has it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from api.numbers import called_number
from chat.flow import (
    AskQuestion,
    CountQuestion,
    FlowBegan,
    FlowEvent,
    FlowLeft,
    FlowOutput,
    FlowResult,
    FlowState,
    GuidedFlow,
    HelpWanted,
    OfferWays,
    QuestionAnswered,
    QuestionSkipped,
    SayWords,
    TalkInBrowser,
    WentBack,
)
from chat.flow_compile import check_flow_conditions, compile_flow
from chat.flow_steps import answers_shown, begin, step
from chat.flow_words import way_label
from chat.flow_world import RoutedWorld
from chats.guide import LANGUAGE
from config.models import Config
from config.sections.flows import FlowWay
from routing.clicks import NoSuchSiteError, moment_of, try_click
from routing.expectations import with_busy
from routing.load import load
from server.options import ConfigFile, PassesData, SiteOption, passed
from server.routes_cli import passed_data, refuse

flows = typer.Typer(help="Try guided chats.", no_args_is_help=True)

_ALL_WAYS: frozenset[FlowWay] = frozenset({"call", "pc", "chat", "callback", "message", "later"})
_HELP = "Type an answer. /skip, /back, /back KEY, /list, /person and /quit do what they say."


@flows.command("try", cls=PassesData)
def try_flow(
    context: typer.Context,
    config: ConfigFile,
    flow: Annotated[str | None, typer.Option(help="The flow; not needed if there is only one.")] = None,
    site: SiteOption = None,
    at: Annotated[
        str, typer.Option(help="The time in the site's time zone, such as 2026-12-24T15:00; default: now.")
    ] = "",
    page: Annotated[str, typer.Option(help="The page: a URL, or a path on the site.")] = "",
    language: Annotated[str, typer.Option(help="The shopper's language, such as es.")] = "",
    busy: Annotated[list[str] | None, typer.Option(help="A busy destination; can be repeated.")] = None,
) -> None:
    """Talk to a flow as a shopper would. Give page data as --context.vehicle.year 2009.

    Answers are understood, and the nearest destination is found, by the functions that the server uses.
    """
    loaded = load(config, further=[check_flow_conditions])
    settings, router = loaded.config, loaded.router
    named = _flow_name(settings, flow)
    claimed, signed = passed_data(passed(context))
    try:
        click = try_click(settings, site, "", page, "", claimed, signed)
    except NoSuchSiteError as error:
        refuse(str(error), "--site")
    zone = router.zones[click.site]
    try:
        now = moment_of(at, zone) if at else datetime.now(UTC).astimezone(zone)
    except ValueError:
        refuse("write the time as 2026-12-24T15:00", "--at")
    for name in busy or ():
        if name not in router.contacts:
            refuse(f"there is no destination {name}", "--busy")
    countries = settings.sites[click.site].countries
    wanted = language or click.known.get(LANGUAGE, "")
    compiled = compile_flow(named, settings.flows[named], settings.sites[click.site], wanted=wanted)
    world = RoutedWorld(
        compiled,
        router,
        click,
        with_busy(busy or ()),
        now,
        _ALL_WAYS,
        phone=lambda text: called_number(text, countries, settings.numbers),
    )
    _talk(compiled, world, Console(highlight=False))


def _flow_name(settings: Config, flow: str | None) -> str:
    if flow is None and len(settings.flows) == 1:
        (flow,) = settings.flows
    if flow is None or flow not in settings.flows:
        refuse(f"name one of the flows: {', '.join(settings.flows) or 'there are none'}", "--flow")
    return flow


def _talk(flow: GuidedFlow, world: RoutedWorld, console: Console) -> None:
    console.print(_HELP, style="dim")
    state, said = step(flow, begin(flow), FlowBegan(), world)
    while True:
        for output in said:
            _print(flow, output, console)
        if state.over:
            return
        try:
            typed = input("> ")
        except EOFError:
            return
        if typed.strip() == "/list":
            _list(flow, state, console)
            said = ()
            continue
        state, said = step(flow, state, _event(typed), world)


def _event(typed: str) -> FlowEvent:
    word, _, rest = typed.strip().partition(" ")
    match word:
        case "/skip":
            return QuestionSkipped()
        case "/back":
            return WentBack(rest.strip())
        case "/person":
            return HelpWanted()
        case "/quit":
            return FlowLeft()
    return QuestionAnswered(typed)


def _list(flow: GuidedFlow, state: FlowState, console: Console) -> None:
    for key, label, value in answers_shown(flow, state):
        console.print(Text(f"  {label}: {value or '-'}  ({key})"))


def _print(flow: GuidedFlow, output: FlowOutput, console: Console) -> None:
    match output:
        case SayWords(text=text):
            console.print(Text(text))
        case AskQuestion():
            skip = " (may be skipped)" if output.may_skip else ""
            console.print(Text(output.text + skip, style="bold"))
            if output.consent:
                console.print(Text(output.consent, style="dim"))
            if output.choices:
                console.print(Text("  " + " | ".join(output.choices), style="dim"))
        case OfferWays(ways=ways):
            for number, way in enumerate(ways, 1):
                console.print(Text(f"  {number}. {way_label(flow.language, way)}", style="bold"))
        case TalkInBrowser():
            console.print(Text("=> pc: the shopper's page places the call", style="green"))
        case FlowResult():
            console.print(Text(f"=> {output.way}", style="green"))
            for key, value in output.context.items():
                console.print(Text(f"   {key}: {value}"))
            for name in ("number", "email", "message", "consent"):
                if value := getattr(output, name):
                    console.print(Text(f"   {name}: {value}"))
        case CountQuestion():
            pass
