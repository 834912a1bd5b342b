"""What ``ringback check`` reports, as data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.draft import Draft
from config.loader import load
from config.models import Config
from config.problems import ConfigError, ConfigProblem
from config.source import Drafts

_COUNTED = ("sites", "trunks", "routes", "destinations", "prompts")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Either problems, or settings that would load, with their warnings."""

    file: Path
    problems: tuple[ConfigProblem, ...] = ()
    warnings: tuple[ConfigProblem, ...] = ()
    config: Config | None = None

    @property
    def ok(self) -> bool:
        """Whether a server would start with this file."""
        return self.config is not None

    @property
    def counts(self) -> dict[str, int]:
        """How many items each named section has; empty for a file that does not load."""
        return {section: len(getattr(self.config, section)) for section in _COUNTED if self.config}


def check(
    file: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
    drafts: Drafts | None = None,
) -> CheckReport:
    """Do all that a start of the server does with the file, and report; raises nothing.

    ``further`` and ``drafts`` as in :func:`config.loader.load`.
    """
    try:
        loaded = load(file, environment, further, drafts=drafts)
    except ConfigError as error:
        return CheckReport(file, problems=error.problems)
    return CheckReport(file, warnings=loaded.warnings, config=loaded.config)
