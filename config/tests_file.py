"""Expectations in a file of their own, beside the config: ``shop.tests.yaml`` for ``shop.yaml``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.base import Model
from config.layout import ROOT
from config.loader import draft_of
from config.models import Config, sections
from config.problems import ConfigError, ConfigProblem
from config.references import check_references
from config.resolve import resolve
from config.sections.tests import RouteTest, check_tests
from config.source import Source, read_source
from config.wording import explain


class _Form(Model):
    tests: tuple[RouteTest, ...]


@dataclass(frozen=True, slots=True)
class Expectations:
    """A file of expectations: what it says, and where each of them stands in it."""

    source: Source
    tests: tuple[RouteTest, ...]


def tests_file_of(config_file: Path) -> Path:
    """Where the expectations of a config file may be kept."""
    return config_file.with_suffix(f".tests{config_file.suffix}")


def load_tests_file(config_file: Path, config: Config) -> Expectations | None:
    """The expectations beside a config that was loaded; None where there is no such file.

    Raises :class:`ConfigError` that names the file, with all that is wrong with it.
    """
    file = tests_file_of(config_file)
    if not file.exists():
        return None
    source = read_source(file)
    problems = list(source.problems)
    for key in source.root.entries.keys() - {"tests"}:
        text = 'only "tests" can be in this file: other settings belong in the config file'
        problems.append(ConfigProblem(source.place((key,)), key, text))
    source.root.entries = {key: node for key, node in source.root.entries.items() if key == "tests"}
    tree, more = resolve(source, {})
    problems += more
    tests, errors = _validate(tree)
    problems += explain(source, tree, errors)
    whole: dict[str, Any] = {**json.loads(config.model_dump_json()), **tree}
    draft = draft_of(source, whole, errors)
    check_references(draft, ROOT, sections())
    check_tests(draft)
    problems += draft.problems
    if problems:
        raise ConfigError(file, problems)
    return Expectations(source, tests)


def _validate(tree: Mapping[str, Any]) -> tuple[tuple[RouteTest, ...], list[Any]]:
    try:
        return _Form.model_validate_json(json.dumps(tree)).tests, []
    except ValidationError as error:
        return (), error.errors(include_url=False, include_input=False)
