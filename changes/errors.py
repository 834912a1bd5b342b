"""Why a change of the settings is not made."""

from __future__ import annotations

from changes.records import KeptDraft
from changes.trial import DraftTrial
from config.problems import ConfigProblem


class StaleDraftError(Exception):
    """The draft was changed meanwhile, in another window of the same operator."""

    def __init__(self, draft: KeptDraft | None) -> None:
        self.draft = draft
        super().__init__("the draft has changed")


class NothingToApplyError(Exception):
    """The draft says what is in force."""


class NoSuchChangeError(LookupError):
    """No change has this number, or it does not wait."""


class NotValidError(Exception):
    """The settings would not be valid; nothing was changed."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} problems")


class FailingTestsError(Exception):
    """Expectations of the routes do not hold; nothing was changed."""

    def __init__(self, trial: DraftTrial) -> None:
        self.trial = trial
        super().__init__(f"{len(trial.failed)} tests fail")


class AgentsReturnError(Exception):
    """Undoing would bring agents back, with the passwords that they had; nothing was changed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(f"{', '.join(names)} would be able to log in again")
