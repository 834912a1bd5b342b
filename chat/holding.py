"""Holding words: what the server says while an agent is silent, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chat.plan import HoldingStep


@dataclass(slots=True)
class HoldingWords:
    """The holding words of one chat. No wording is said twice in it; a step without new words is skipped."""

    steps: Sequence[HoldingStep]
    #: Since when the shopper has waited for a word, and how many steps of this silence are done.
    since: float | None = None
    _done: int = 0
    _said: set[str] = field(default_factory=set)

    def begin(self, at: float) -> float | None:
        """The shopper begins to wait; how many seconds until the first words are due, None if never."""
        if self.since is None:
            self.since, self._done = at, 0
        return self.due_in(at)

    def stop(self) -> None:
        """Nobody waits any more."""
        self.since = None

    def due_in(self, at: float) -> float | None:
        """Seconds until the next words are due; None where there are none."""
        due = next(iter(self._rest()), None)
        return None if due is None or self.since is None else max(0.0, self.since + due[0] - at)

    def say(self) -> str | None:
        """The words that are due; None where this step has none that were not said yet."""
        due = next(iter(self._rest()), None)
        if due is None or self.since is None:
            return None
        self._done += 1
        text = next((each for each in due[1].texts if each not in self._said), None)
        if text is not None:
            self._said.add(text)
        return text

    def said(self, text: str) -> None:
        """Note words of before a restart."""
        self._said.add(text)

    def _rest(self) -> Iterator[tuple[float, HoldingStep]]:
        for number, due in enumerate(_schedule(self.steps)):
            if number >= self._done:
                yield due


def _schedule(steps: Sequence[HoldingStep]) -> Iterator[tuple[float, HoldingStep]]:
    last = 0.0
    for step in steps:
        if step.every is None:
            last = max(last, step.after or 0.0)
            yield last, step
        else:
            for _ in range(step.at_most):
                last += step.every
                yield last, step
