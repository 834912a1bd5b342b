"""What a draft would do: problems, sentences, what the route tests say. Blocks: run it in a thread."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from changes.beside import BesideFile, beside_words
from changes.drafts import touched, tree_of
from changes.records import Texts
from changes.words import MOST_SENTENCES, ChangeSentence, in_words
from config.draft import Draft
from config.problems import ConfigError, ConfigProblem
from config.tests_file import load_tests_file
from config.text_file import unsaved
from routing.expectations import run_tests
from routing.load import LoadedRoutes, load


@dataclass(frozen=True, slots=True)
class FailedTest:
    """An expectation of the routes that does not hold."""

    name: str
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftTrial:
    """What was found out about a draft; ``loaded`` is None where it has problems."""

    problems: tuple[ConfigProblem, ...] = ()
    warnings: tuple[ConfigProblem, ...] = ()
    sentences: tuple[ChangeSentence, ...] = ()
    #: The sections that differ.
    sections: frozenset[str] = frozenset()
    #: The agents that there are then, and are not now.
    new_agents: tuple[str, ...] = ()
    failed: tuple[FailedTest, ...] = ()
    tests: int = 0
    diffs: Mapping[str, str] = field(default_factory=dict)
    loaded: LoadedRoutes | None = None


def try_draft(
    main: Path,
    paths: Mapping[str, Path],
    disk: Texts,
    mine: Texts,
    further: Iterable[Callable[[Draft], None]] = (),
    beside: Mapping[str, BesideFile] = MappingProxyType({}),
) -> DraftTrial:
    """Check the texts ``mine`` in place of those on ``disk``, and tell what differs."""
    diffs = {name: diff(name, disk[name], text) for name, text in mine.items() if text != disk[name]}
    sentences: tuple[ChangeSentence, ...] = ()
    sections: frozenset[str] = frozenset()
    try:
        _, after = tree_of(main, paths, {**disk, **mine})
        before = _before(main, paths, disk)
        told = list(beside_words(beside, disk, mine))
        sentences = (*in_words(before, after), *(sentence for _, sentence in told))[:MOST_SENTENCES]
        sections = touched(before, after) | {section for section, _ in told}
        drafts = {paths[name]: text for name, text in mine.items()}
        with unsaved(drafts):
            loaded = load(main, further=further, drafts=drafts)
        tests = load_tests_file(main, loaded.config)
    except ConfigError as error:
        return DraftTrial(error.problems, sentences=sentences, sections=sections, diffs=diffs)
    outcomes = run_tests(loaded.router, tests.tests if tests else ())
    failed = tuple(
        FailedTest(result.test.name, tuple(failure.text for failure in result.failures))
        for result in outcomes.results
        if result.failures
    )
    return DraftTrial(
        warnings=loaded.warnings,
        sentences=sentences,
        sections=sections,
        new_agents=tuple(sorted({*(after.get("agents") or {})} - {*(before.get("agents") or {})})),
        failed=failed,
        tests=len(outcomes.results),
        diffs=diffs,
        loaded=loaded,
    )


def _before(main: Path, paths: Mapping[str, Path], disk: Texts) -> dict[str, Any]:
    """The settings on disk; none where they are not readable, so that everything counts as new."""
    try:
        found: dict[str, Any] = tree_of(main, paths, disk)[1]
    except ConfigError:
        return {}
    return found


def diff(name: str, before: str, after: str) -> str:
    """A unified diff."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{name} before", name, lineterm="", n=2
    )
    return "\n".join(lines)
