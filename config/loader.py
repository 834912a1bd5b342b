"""From a YAML file to a Config, or to everything that is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.draft import Called, Draft
from config.durations import check_durations
from config.include import IncludedPart, Whole, read_whole
from config.layout import ROOT
from config.models import Config, sections
from config.problems import ConfigError, ConfigProblem, in_order
from config.references import check_references
from config.resolve import resolve
from config.section import Section
from config.sections.server import Server
from config.shape import shapes_of
from config.source import Drafts, Source
from config.wording import explain

Loaded = TypeVar("Loaded", bound="LoadedConfig")


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """Settings in force, and what is doubtful about them."""

    file: Path
    config: Config
    warnings: tuple[ConfigProblem, ...]
    #: The included files as they were read, by their paths.
    parts: Mapping[str, IncludedPart] = field(default_factory=dict, kw_only=True)
    #: What is wrong with included files that were left out, or left as they were before.
    left_out: tuple[ConfigProblem, ...] = field(default=(), kw_only=True)


def load(
    file: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
    instead: Mapping[str, IncludedPart | None] | None = None,
    drafts: Drafts | None = None,
) -> LoadedConfig:
    """Read the file and the secrets, recordings and certificates that it names; :class:`ConfigError`.

    ``further`` are the checks of those who make something of the settings: they tell along with ours.
    ``instead`` and ``drafts`` as in :func:`config.include.read_whole`.
    Blocks: about a second for each thousand destinations. Run it in a thread where calls are live.
    """
    whole = read_whole(file, instead, drafts)
    source = whole.source
    tree, problems = resolve(source, environment)
    found = _validate(tree)
    errors = [] if isinstance(found, Config) else found
    problems += [*source.problems, *explain(source, tree, errors)]
    draft = draft_of(source, tree, errors)
    check_references(draft, ROOT, sections())
    check_durations(draft, ROOT)
    for section in sections().values():
        for check in section.checks:
            check(draft)
    for check in further:
        check(draft)
    problems += draft.problems
    if problems or not isinstance(found, Config):
        raise ConfigError(file, [_with_part(problem, whole) for problem in problems])
    return LoadedConfig(
        file, found, in_order([*draft.warnings, *draft.unused.values(), *whole.warnings]), parts=whole.parts
    )


def read(
    text: str,
    origin: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
) -> LoadedConfig:
    """Load a text as though the file ``origin`` held it, which need not exist; :class:`ConfigError`.

    Paths and includes count from the folder of ``origin``, and problems name it. ``further`` as in
    :func:`load`. To check a draft of an included file, :func:`load` the config file with ``drafts``.
    """
    return load(origin, environment, further, drafts={origin: text})


def draft_of(source: Source, tree: Any, errors: Iterable[ErrorDetails]) -> Draft:
    """The draft that the checks see, of a tree in which the models found ``errors``."""
    called = {name: _called(name, section) for name, section in sections().items()}
    return Draft(source, tree, [error["loc"] for error in errors], shapes_of(Config), called)


def _called(name: str, section: Section) -> Called:
    return Called(section.one or name.removesuffix("s"), section.many or name)


def load_what_is_right(
    load_with: Callable[[Mapping[str, IncludedPart | None]], Loaded],
    former: Mapping[str, IncludedPart] | None = None,
) -> Loaded:
    """Load by ``load_with(instead)``; an included file that is wrong is taken as it was ``former``-ly.

    Without a former reading (at the start) it is left out. :class:`ConfigError` where the config file itself
    is wrong, or would be without it.
    """
    instead: dict[str, IncludedPart | None] = {}
    left_out: list[ConfigProblem] = []
    while True:
        try:
            loaded = load_with(instead)
        except ConfigError as error:
            wrong = {problem.part for problem in error.problems}
            if "" in wrong or wrong & instead.keys():
                raise ConfigError(error.file, [*left_out, *error.problems]) from error
            left_out += error.problems
            instead |= {name: (former or {}).get(name) for name in wrong}
        else:
            return replace(loaded, left_out=in_order(left_out))


def _with_part(problem: ConfigProblem, whole: Whole) -> ConfigProblem:
    """The problem with the part that it belongs to."""
    return replace(problem, part=whole.part_of.get(problem.part or problem.file or problem.place.file, ""))


def load_server(file: Path, environment: Mapping[str, str] = os.environ) -> Server:
    """The file's ``server`` section alone, for a program that talks to a running server.

    Needs no secret but that section's; other sections may have problems. :class:`ConfigError`.
    """
    source = read_whole(file).source
    section = source.root.entries.get("server")
    source.root.entries = {"server": section} if section else {}
    tree, problems = resolve(source, environment)
    try:
        server = Server.model_validate_json(json.dumps(tree.get("server", {})))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        for each in found:
            each["loc"] = ("server", *each["loc"])
        problems += explain(source, tree, found)
    if problems:
        raise ConfigError(file, problems)
    return server


def _validate(tree: object) -> Config | list[ErrorDetails]:
    # As JSON: that is the strict mode in which a list may be a tuple and a text an address.
    try:
        return Config.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
