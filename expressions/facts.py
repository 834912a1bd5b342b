"""What is known when a condition is evaluated: values by their paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import cel

from expressions.vocabulary import Path

#: The function that stands for CEL's ``size`` in the evaluator, whose own one counts bytes.
SIZE = "size_in_code_points"


class Facts:
    """The values of the paths that some condition uses; what nobody passed is missing.

    ``values`` is by path; ``flaws`` says of a value that was passed and is not what the conditions take it
    for, why it is missing. ``maps`` are there even if empty.
    """

    def __init__(self, values: Mapping[Path, Any], flaws: Mapping[Path, str], maps: Iterable[Path]) -> None:
        self._maps = maps
        self.values = values
        self.flaws = flaws

    def changed(self, values: Mapping[Path, Any]) -> Facts:
        """These facts, with other values for some."""
        return Facts({**self.values, **values}, self.flaws, self._maps)

    @cached_property
    def context(self) -> cel.Context:
        """The variables as the evaluator takes them; making this costs more than many evaluations."""
        roots: dict[str, Any] = {}
        for path in self._maps:
            _branch(roots, path)
        for path, value in self.values.items():
            _branch(roots, path[:-1])[path[-1]] = value
        context = cel.Context(variables=roots)
        context.add_function(SIZE, len)
        return context


def _branch(roots: dict[str, Any], path: Path) -> dict[str, Any]:
    here = roots
    for step in path:
        here = here.setdefault(step, {})
    return here
