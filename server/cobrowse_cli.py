"""``ringback cobrowse``: what agents would see of a page in shared views."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cobrowse.rules import Rules
from cobrowse.saved_page import Glimpse, glimpses, unmatched
from config.loader import load
from config.sections.cobrowse import Cobrowse
from config.sections.sites import Site
from server.options import AsJson, ConfigFile, SiteOption
from server.routes_cli import refuse

cobrowse = typer.Typer(help="Try the rules of shared views.", no_args_is_help=True)
#: Bytes of a page that is read.
_LARGEST = 8 * 1024 * 1024


@cobrowse.callback()
def group() -> None:
    """Try the rules of shared views."""


@cobrowse.command("test")
def try_page(
    config: ConfigFile,
    page: Annotated[Path, typer.Argument(help="The page, saved as HTML; its scripts are not run.")],
    site: SiteOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what of a saved page agents would see, and which rules match nothing on it."""
    settings, rules = _site(load(config).config.sites, site)
    try:
        if page.stat().st_size > _LARGEST:
            refuse(f"{page} is larger than {_LARGEST // 1024 // 1024} MiB", "PAGE")
        text = page.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        refuse(f"{page} cannot be read: {error.strerror}", "PAGE")
    origins = {*settings.origins, *rules.assets}
    try:
        found = glimpses(text, Rules.of(settings), f"{min(settings.origins)}/", origins)
    except ValueError as error:
        refuse(f"{page} is {error}", "PAGE")
    for glimpse in found:
        print(json.dumps(asdict(glimpse)) if as_json else _line(glimpse))
    if as_json:
        return
    counted = Counter(glimpse.sight for glimpse in found)
    print(
        ", ".join(f"{count} {sight}" for sight, count in counted.most_common()) or "nothing is on this page"
    )
    for key in ("mask", "show", "never_fill", "never_click"):
        for selector in unmatched(text, getattr(rules, key)):
            print(f"{key}: {selector} matches nothing on this page")


def _site(sites: dict[str, Site], name: str | None) -> tuple[Site, Cobrowse]:
    having = {key: (each, each.cobrowse) for key, each in sites.items() if each.cobrowse is not None}
    if name is not None and name not in sites:
        refuse(f"there is no site {name}: there are {', '.join(sites)}", "--site")
    if name is not None and name not in having:
        refuse(f'the site {name} has no shared views: add "cobrowse"', "--site")
    if not having:
        refuse('no site has shared views: add "cobrowse" to one', "FILE")
    if name is None and len(having) > 1:
        refuse(f"name the site: {', '.join(having)}", "--site")
    return having[name] if name is not None else next(iter(having.values()))


def _line(glimpse: Glimpse) -> str:
    return f"{glimpse.sight:<13}{glimpse.element}{'  ' if glimpse.text else ''}{glimpse.text[:120]}"
