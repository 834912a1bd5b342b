"""A config file with its routes compiled: what the server and the command line load."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.check import CheckReport
from config.check import check as check_config
from config.draft import Draft
from config.include import IncludedPart
from config.loader import LoadedConfig, load_what_is_right
from config.loader import load as load_config
from config.source import Drafts
from routing.doubts import tell_doubts
from routing.parts import Parts, RouteSettings
from routing.router import Router, assemble


@dataclass(frozen=True, slots=True)
class LoadedRoutes(LoadedConfig):
    """Settings in force, what is doubtful about them, and the router made of them."""

    router: Router


def load(
    file: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
    instead: Mapping[str, IncludedPart | None] | None = None,
    drafts: Drafts | None = None,
) -> LoadedRoutes:
    """Read the file and all that it names, and compile its routes.

    :class:`~config.problems.ConfigError` tells every problem, also of conditions, opening hours and tables.
    ``further`` are checks of those who know more of this machine. Blocks, for seconds where there are
    thousands of routes or stores: run it in a thread where calls live. ``instead`` and ``drafts`` as in
    :func:`config.include.read_whole`.
    """
    parts = _PartsOf()
    loaded = load_config(file, environment, [parts.take, *further], instead, drafts)
    router = assemble(loaded.config, parts.made)
    return LoadedRoutes(loaded.file, loaded.config, loaded.warnings, router, parts=loaded.parts)


def read(
    text: str,
    origin: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
) -> LoadedRoutes:
    """As :func:`load`, with a text that is not saved in place of what the file ``origin`` holds."""
    return load(origin, environment, further, drafts={origin: text})


def load_in_parts(
    file: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
    former: LoadedRoutes | None = None,
) -> LoadedRoutes:
    """As :func:`load`, but one included file that is wrong does not keep the others from being loaded.

    It stays as it was in ``former``; without that it is left out. ``left_out`` of what is returned tells.
    """
    checks = list(further)
    return load_what_is_right(
        lambda instead: load(file, environment, checks, instead), former.parts if former else None
    )


def check(
    file: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
    drafts: Drafts | None = None,
) -> CheckReport:
    """Do all that a start of the server does with the file, and report; raises nothing.

    ``drafts`` are texts that are not saved, by their files: checked in place of what the files hold.
    """
    return check_config(file, environment, [_PartsOf().take, *further], drafts)


class _PartsOf:
    """A check of the loader's that keeps what it makes."""

    def __init__(self) -> None:
        self.made = Parts()

    def take(self, draft: Draft) -> None:
        self.made.make(RouteSettings.of_draft(draft), draft)
        tell_doubts(draft, self.made)
