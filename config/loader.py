"""From a YAML file to a Config, or to everything that is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.asterisk_rules import check_asterisk
from config.browser_rules import check_browsers
from config.data_pass_rules import check_data_pass
from config.desk_rules import check_desk
from config.destination_rules import check_destinations
from config.draft import Draft
from config.duration_rules import check_durations
from config.ending_rules import check_endings
from config.files import check_files
from config.models import Config, Server
from config.number_rules import check_numbers
from config.problems import ConfigError, Problem, in_order
from config.references import check_references
from config.resolve import resolve
from config.route_tree import check_route_tree
from config.rules import check_rules
from config.screen_pop_rules import check_screen_pop
from config.source import read_source
from config.spend_rules import check_spend
from config.trunk_rules import check_trunks
from config.wording import explain


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """Settings in force, and what is doubtful about them."""

    file: Path
    config: Config
    warnings: tuple[Problem, ...]


def load(
    file: Path,
    environment: Mapping[str, str] = os.environ,
    further: Iterable[Callable[[Draft], None]] = (),
) -> LoadedConfig:
    """Read the file and the secrets, recordings and certificates that it names; :class:`ConfigError`.

    ``further`` are the checks of those who make something of the settings: they tell along with ours.
    Blocks: about a second for each thousand destinations. Run it in a thread where calls are live.
    """
    source = read_source(file)
    tree, problems = resolve(source, environment)
    found = _validate(tree)
    errors = [] if isinstance(found, Config) else found
    problems += [*source.problems, *explain(source, tree, errors)]
    draft = Draft(source, tree, failed=[error["loc"] for error in errors])
    check_references(draft)
    check_rules(draft)
    check_numbers(draft)
    check_spend(draft)
    check_trunks(draft)
    check_destinations(draft)
    check_durations(draft)
    check_endings(draft)
    check_browsers(draft)
    check_screen_pop(draft)
    check_asterisk(draft)
    check_desk(draft)
    check_data_pass(draft)
    check_route_tree(draft)
    check_files(draft)
    for check in further:
        check(draft)
    problems += draft.problems
    if problems or not isinstance(found, Config):
        raise ConfigError(file, problems)
    return LoadedConfig(file, found, in_order(draft.warnings))


def load_server(file: Path, environment: Mapping[str, str] = os.environ) -> Server:
    """The file's ``server`` section alone, for a program that talks to a running server.

    Needs no secret but that section's; other sections may have problems. :class:`ConfigError`.
    """
    source = read_source(file)
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
