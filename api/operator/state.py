"""What operators are told of the server as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from config.problems import ConfigProblem


@dataclass(frozen=True, slots=True)
class PoolRoom:
    """The media workers: how many there are, and their legs' places."""

    workers: int
    slots: int
    free_slots: int
    #: Whether another call would find room, be it by starting one more worker.
    has_room: bool


@dataclass(frozen=True, slots=True)
class ConfigState:
    """Which settings are in force, and how the last attempt to replace them went."""

    loaded_at: float
    failed_at: float | None = None
    #: What was wrong with the file that was refused; empty when the last reload succeeded.
    problems: tuple[ConfigProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """What a reload that succeeded has to say."""

    #: Each as ``file:line:column: path: text``.
    warnings: tuple[str, ...] = ()
    #: The settings that changed in the file but stay as they were until the server is started again.
    needs_restart: tuple[str, ...] = ()
