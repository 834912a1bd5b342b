"""The command line: ``ringback serve``, ``check``, ``route``, ``reload``, ``demo``, and the lists.

Every command takes the config file as its first argument, or from ``RINGBACK_CONFIG``.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from bridge.causes import Disposition
from config.fields import LogLevel
from config.problems import ConfigError, ConfigProblem
from routing.load import check as check_config
from server import kept_cli
from server.cdr_csv import write_csv
from server.chats_cli import chats
from server.checks import FURTHER_CHECKS
from server.cobrowse_cli import cobrowse
from server.data_cli import data_token
from server.engage_cli import engage
from server.flows_cli import flows
from server.leads_cli import leads
from server.listing import count_of, show
from server.number_cli import number
from server.operator import OperatorClient, OperatorError
from server.options import EXIT_CONFIG, EXIT_FAILED, AsJson, ConfigFile, FullNumbers, PassesData
from server.person_cli import people
from server.questions_cli import questions
from server.reports_cli import reports
from server.retention_cli import retention
from server.routes_cli import routes
from server.spend_cli import spend
from server.store_cli import move_store
from server.tables import cdr_table, live_table
from server.trace_cli import trace
from server.trunks_cli import trunks

app = typer.Typer(
    help="Click-to-call: dial the shopper, hunt for somebody at the business, bridge the two.",
    epilog="Exit codes: 0 success; 1 failure, or a test that did not pass; 2 mistake in the config file or "
    "on the command line; 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(routes, name="route")
app.add_typer(engage, name="engage")
app.add_typer(cobrowse, name="cobrowse")
app.add_typer(people, name="person")
app.add_typer(flows, name="flows")
app.add_typer(reports, name="reports")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"ringback {version('ringback')}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Click-to-call: dial the shopper, hunt for somebody at the business, bridge the two."""


@app.command()
def serve(config: ConfigFile) -> None:
    """Run the server. SIGHUP reloads the config; SIGTERM drains and stops."""
    from server.main import serve as run  # loads Twisted, the web stack and the database, for this alone

    raise typer.Exit(run(config))


@app.command()
def check(config: ConfigFile, as_json: AsJson = False) -> None:
    """Check a config file and show each problem with its line and column."""
    report = check_config(config, further=FURTHER_CHECKS)
    if as_json:
        for kind, found in (("error", report.problems), ("warning", report.warnings)):
            for problem in found:
                print(json.dumps({"kind": kind, **_as_dict(problem, config)}))
    else:
        for problem in report.problems:
            print(problem.line(config))
        for warning in report.warnings:
            print(f"warning: {warning.line(config)}")
    if not report.ok:
        print(f"{count_of(len(report.problems), 'problem')} in {config}", file=sys.stderr)
        raise typer.Exit(EXIT_CONFIG)
    if not as_json:
        counted = ", ".join(count_of(count, name.removesuffix("s")) for name, count in report.counts.items())
        print(f"{config} is valid: {counted}")


def _as_dict(problem: ConfigProblem, config: Path) -> dict[str, str | int]:
    return {
        "file": problem.file or str(config),
        "line": problem.place.line,
        "column": problem.place.column,
        "path": problem.path,
        "message": problem.text,
    }


@app.command()
def reload(config: ConfigFile, as_json: AsJson = False) -> None:
    """Reload the config file in the running server. Live calls go on as planned."""
    done = OperatorClient(config).reload()
    if as_json:
        print(done.model_dump_json())
        return
    for warning in done.warnings:
        print(f"warning: {warning}")
    print("reloaded")
    if done.needs_restart:
        print(f"restart the server to apply: {', '.join(done.needs_restart)}")


@app.command()
def log_level(
    config: ConfigFile,
    level: Annotated[LogLevel, typer.Argument(help="The lowest level to log.")],
) -> None:
    """Change how much the running server logs, until the next change, reload or restart."""
    OperatorClient(config).set_log_level(level)
    print(f"log level set to {level}")


@app.command()
def calls(
    config: ConfigFile,
    once: Annotated[bool, typer.Option("--once", help="Print the table once and exit.")] = False,
    seconds: Annotated[float, typer.Option(min=0.2, help="Seconds between two updates.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Watch the live calls of the running server."""
    operator, console = OperatorClient(config), Console()
    if as_json:
        for call in operator.live_calls():
            print(json.dumps(asdict(call)))
        return
    if once or not console.is_terminal:
        show(live_table(operator.live_calls(), time.time()), console)
        return
    with Live(console=console, auto_refresh=False, screen=True) as screen:
        while True:
            table = live_table(operator.live_calls(), time.time()).table(console.width)
            screen.update(table, refresh=True)
            time.sleep(seconds)


@app.command()
def cdr(
    config: ConfigFile,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    disposition: Annotated[Disposition | None, typer.Option(help="Only this disposition.")] = None,
    number: Annotated[
        str | None, typer.Option(help="Only this shopper's number, such as +16175550123.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only requested at or after this (local time).")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Only requested before this (local time).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most rows to show, newest first.")] = 50,
    full_numbers: FullNumbers = False,
    data: Annotated[
        bool, typer.Option("--data", help="Show the signed data, and what the page claimed.")
    ] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Show the agents' wrap-up codes and notes.")] = False,
    as_json: AsJson = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV with unmasked numbers and UTC times (ISO 8601).")
    ] = False,
) -> None:
    """List finished calls: how each ended, and who it rang."""
    filters = {
        name: value
        for name, value in {
            "site": site,
            "disposition": disposition.value if disposition else None,
            "number": _number(number),
            "since": str(since.timestamp()) if since else None,
            "until": str(until.timestamp()) if until else None,
        }.items()
        if value is not None
    }
    records = OperatorClient(config).cdrs(filters, limit)
    if as_json:
        for record in records:
            print(json.dumps(asdict(record)))
    elif as_csv:
        write_csv(records, sys.stdout)
    else:
        show(cdr_table(records, full_numbers=full_numbers, data=data, notes=notes))


def _number(text: str | None) -> str | None:
    """A number as it stands in records, from one with spaces, dots, dashes or brackets in it."""
    if text is None:
        return None
    number = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise typer.BadParameter("write it with + and the country code: +16175550123", param_hint="--number")
    return number


@app.command()
def agent_password() -> None:
    """Ask for an agent's password and print its password_hash for the config file."""
    from api.passwords import SHORTEST, hash_password  # argon2, for this command alone

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        print(f"ringback: use at least {SHORTEST} characters", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED)
    print(hash_password(password))


@app.command()
def agent_totp(agent: Annotated[str, typer.Argument(help="The agent's name in the config.")]) -> None:
    """Make a secret for an agent's authenticator app. Prints it, and the URI for a QR code."""
    from api.totp import new_secret, uri  # for this command alone

    secret = new_secret()
    print(secret)
    print(f"URI for the QR code: {uri(agent, secret)}", file=sys.stderr)
    print("save the first line in a file, and set it as the agent's totp_secret_file", file=sys.stderr)


#: The commands that have a file of their own.
COMMANDS = (
    number,
    trace,
    kept_cli.messages,
    kept_cli.callbacks,
    kept_cli.deliveries,
    kept_cli.sessions,
    questions,
    leads,
    chats,
    retention,
    spend,
    trunks,
    move_store,
)
for command in COMMANDS:
    app.command()(command)
app.command(cls=PassesData)(data_token)


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=1024, max=65534, help="The demo page's port; Ringback uses the next one.")
    ] = 8800,
) -> None:
    """Run a demo shop, Ringback and simulated phones on this computer. Needs no account and no network."""
    from demo.main import run  # its web server and phones, for this command alone

    raise typer.Exit(run(port))


def main() -> None:
    """The ``ringback`` program: an error of the operator's is a message, not a traceback."""
    try:
        app()
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    except OperatorError as error:
        print(f"ringback: {error}", file=sys.stderr)
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit(130)
