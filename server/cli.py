"""The command line: ``ringback serve``, ``check``, ``route``, ``reload``, ``demo``, and the lists."""

from __future__ import annotations

import csv
import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from bridge.causes import Disposition
from config.problems import ConfigError
from routing.load import check as check_config
from server import kept_cli
from server.data_cli import data_token
from server.operator import Operator, OperatorError
from server.routes_cli import PASSED, routes
from server.tables import cdr_table, live_table

app = typer.Typer(
    help="Click-to-call: dial the shopper, hunt for somebody at the business, bridge the two.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(routes, name="route")
ConfigFile = Annotated[
    Path, typer.Argument(help="The config file.", envvar="RINGBACK_CONFIG", show_default=False)
]

#: Exit codes: an operator's mistake in the file, and everything else that went wrong.
EXIT_CONFIG, EXIT_FAILED = 2, 1


@app.command()
def serve(config: ConfigFile) -> None:
    """Run the server. SIGHUP reloads the config; SIGTERM drains and stops."""
    from server.main import serve as run  # loads Twisted, the web stack and the database, for this alone

    raise typer.Exit(run(config))


@app.command()
def check(config: ConfigFile) -> None:
    """Say everything that is wrong with a config file, with line and column."""
    report = check_config(config)
    for problem in report.problems:
        print(problem.line(config))
    for warning in report.warnings:
        print(f"warning: {warning.line(config)}")
    if not report.ok:
        print(f"{len(report.problems)} to mend in {config}", file=sys.stderr)
        raise typer.Exit(EXIT_CONFIG)
    counted = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    print(f"{config} is right: {counted}")


@app.command()
def reload(config: ConfigFile) -> None:
    """Have the running server read its config file again. Live calls go on as they were planned."""
    Operator(config).reload()
    print("reloaded")


@app.command()
def calls(
    config: ConfigFile,
    once: Annotated[bool, typer.Option("--once", help="Print the table once and leave.")] = False,
    seconds: Annotated[float, typer.Option(min=0.2, help="Time between two looks.")] = 1.0,
) -> None:
    """Watch the live calls of the running server."""
    operator, console = Operator(config), Console()
    if once or not console.is_terminal:
        console.print(live_table(operator.live_calls(), time.time()))
        return
    with Live(console=console, auto_refresh=False, screen=True) as screen:
        while True:
            screen.update(live_table(operator.live_calls(), time.time()), refresh=True)
            time.sleep(seconds)


@app.command()
def cdr(
    config: ConfigFile,
    site: Annotated[str | None, typer.Option(help="Only of this site.")] = None,
    disposition: Annotated[Disposition | None, typer.Option(help="Only with this disposition.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only requested at or after this (local time).")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Only requested before this (local time).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    full_numbers: Annotated[bool, typer.Option("--full-numbers", help="Show numbers unmasked.")] = False,
    data: Annotated[
        bool, typer.Option("--data", help="Show what was signed of the shopper, and what the page claimed.")
    ] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Show the agents' wrap-up codes and notes.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, numbers unmasked.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, numbers unmasked.")] = False,
) -> None:
    """List finished calls: what became of each, and whom it rang."""
    filters = {
        name: value
        for name, value in {
            "site": site,
            "disposition": disposition.value if disposition else None,
            "since": str(since.timestamp()) if since else None,
            "until": str(until.timestamp()) if until else None,
        }.items()
        if value is not None
    }
    records = Operator(config).cdrs(filters, limit)
    if as_json:
        for record in records:
            print(json.dumps(asdict(record)))
    elif as_csv:
        output = csv.writer(sys.stdout)
        columns = (
            "call_id", "site", "route", "number", "page", "requested_at", "bridged_at", "ended_at",
            "talk_seconds", "disposition", "cause",
        )  # fmt: skip
        output.writerow([*columns, "signed", "context", "wrap_ups"])
        for record in records:
            written = [asdict(wrap_up) for wrap_up in record.wrap_ups]
            more = [json.dumps(each) for each in (dict(record.signed), dict(record.context), written)]
            output.writerow([*(getattr(record, column) for column in columns), *more])
    else:
        Console().print(cdr_table(records, full_numbers=full_numbers, data=data, notes=notes))


@app.command()
def agent_password() -> None:
    """Ask for an agent's password, and print what belongs into the config as its password_hash."""
    from api.passwords import SHORTEST, hash_password  # argon2, for this command alone

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        print(f"ringback: take {SHORTEST} characters at least", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED)
    print(hash_password(password))


app.command()(kept_cli.messages)
app.command()(kept_cli.callbacks)
app.command()(kept_cli.deliveries)
app.command(context_settings=PASSED)(data_token)


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=1024, max=65534, help="The page's port; Ringback takes the next.")
    ] = 8800,
) -> None:
    """A demo shop, Ringback and simulated phones on this computer; needs no account and no network."""
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
