"""What the commands have in common: the config file, options, and exit codes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

#: Exit codes beside 0: something went wrong; the config file, or the command line, is not right.
EXIT_FAILED, EXIT_CONFIG = 1, 2

ConfigFile = Annotated[
    Path, typer.Argument(help="The config file.", envvar="RINGBACK_CONFIG", show_default=False)
]
FullNumbers = Annotated[bool, typer.Option("--full-numbers", help="Show phone numbers unmasked.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object per line, numbers unmasked.")]
SiteOption = Annotated[str | None, typer.Option(help="The site; not needed if there is only one.")]

#: What a page may pass, and what the retailer's server may sign: ``--cart.value 120``, ``--cart.value=120``.
_DOTTED = re.compile(r"--[A-Za-z_]+\.")


class PassesData(TyperCommand):
    """A command that takes, beside its own options, whatever a page may pass; see :func:`passed`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Set what a page passes aside, so that every other unknown option is still an error."""
        own: list[str] = []
        ctx.meta["passed"] = found = []
        rest = iter(args)
        for argument in rest:
            if not _DOTTED.match(argument):
                own.append(argument)
                continue
            found.append(argument)
            if "=" not in argument and (value := next(rest, None)) is not None:
                found.append(value)
        return super().parse_args(ctx, own)


def passed(context: typer.Context) -> list[str]:
    """The words of the command line that a page would pass."""
    words: Any = context.meta["passed"]
    return list(words)
