"""``ringback number``: whether a site calls a number, and why."""

from __future__ import annotations

from typing import Annotated

import phonenumbers
import typer

from api.numbers import e164, judge_number, read_number
from api.problems import RequestError
from routing.clicks import NoSuchSiteError, try_click
from routing.load import load
from server.options import EXIT_FAILED, ConfigFile, SiteOption
from server.routes_cli import refuse


def number(
    config: ConfigFile,
    typed: Annotated[str, typer.Argument(metavar="NUMBER", help="The number as a shopper types it.")],
    site: SiteOption = None,
    country: Annotated[
        str | None, typer.Option(help="The country the shopper chose; default: the site's first country.")
    ] = None,
) -> None:
    """Check whether a site calls a number, and why. Exits with 1 if not."""
    settings = load(config).config
    try:
        name = try_click(settings, site).site
    except NoSuchSiteError as error:
        refuse(str(error), "--site")
    countries = settings.sites[name].countries
    try:
        read = read_number(typed, country or countries[0])
    except RequestError as error:
        print(f"not called: {error.problem.id}: {error.detail or error.problem.detail}")
        raise typer.Exit(EXIT_FAILED) from None
    verdict = judge_number(read, countries, settings.numbers)
    shown = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if verdict.problem:
        print(f"{e164(read)} ({shown}) is not called by {name}: {verdict.problem.id}, {verdict.why}")
        raise typer.Exit(EXIT_FAILED)
    print(f"{e164(read)} ({shown}) is called by {name}: {verdict.why}")
