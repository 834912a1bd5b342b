"""Finds the branches that can match at all, without evaluating the conditions of thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from expressions.conditions import Hint
from expressions.vocabulary import Path

#: Fewer branches than this are looked at one by one.
WORTH_IT = 8


@dataclass(frozen=True, slots=True)
class BranchIndex:
    """Numbers of branches by a text that their conditions need; below that, by another one, and so on."""

    #: Branches that need none of what is indexed here.
    plain: tuple[int, ...] = ()
    path: Path | None = None
    by_text: Mapping[str, BranchIndex] = field(default_factory=dict)
    rest: BranchIndex | None = None

    def candidates(self, values: Mapping[Path, Any]) -> list[int]:
        """The branches whose hints the values meet, in order."""
        found: list[int] = []
        self._collect(values, found)
        found.sort()
        return found

    def _collect(self, values: Mapping[Path, Any], found: list[int]) -> None:
        found.extend(self.plain)
        if self.path is not None:
            text = values.get(self.path)
            if isinstance(text, str) and (below := self.by_text.get(text)):
                below._collect(values, found)
        if self.rest is not None:
            self.rest._collect(values, found)


def index_branches(hints: Sequence[Sequence[Hint]]) -> BranchIndex:
    """Index branches by their conditions' hints, the one that most of them share first."""
    return _index(hints, list(range(len(hints))), frozenset())


def _index(hints: Sequence[Sequence[Hint]], numbers: list[int], done: frozenset[Path]) -> BranchIndex:
    shared = Counter(path for number in numbers for path, _ in hints[number] if path not in done)
    if len(numbers) < WORTH_IT or not shared:
        return BranchIndex(tuple(numbers))
    ((path, _),) = shared.most_common(1)
    buckets: dict[str, list[int]] = {}
    rest: list[int] = []
    for number in numbers:
        texts = next((texts for hint, texts in hints[number] if hint == path), None)
        if texts is None:
            rest.append(number)
        for text in texts or ():
            buckets.setdefault(text, []).append(number)
    below = done | {path}
    return BranchIndex(
        path=path,
        by_text={text: _index(hints, bucket, below) for text, bucket in buckets.items()},
        rest=_index(hints, rest, below) if rest else None,
    )
