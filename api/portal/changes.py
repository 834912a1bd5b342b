"""Changes of the settings over HTTP: put a draft into force, list what was changed, and take it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request

from api.portal.settings import Revision, number_of, refused
from api.portal.settings_models import ChangeDetails, ChangeList, ChangeView, WishedApply, WishedUndo
from api.portal.settings_rights import may_change
from api.portal_audit import PortalAudit
from api.portal_door import Asks, PortalUser
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, LIST_PROBLEMS, Audience, UrlRow
from changes.drafts import ConflictsError
from changes.editor import SettingsEditor
from changes.errors import (
    AgentsReturnError,
    FailingTestsError,
    NoSuchChangeError,
    NothingToApplyError,
    NotValidError,
    StaleDraftError,
)
from changes.files import WriteRefusedError
from changes.records import Change
from changes.trial import diff
from config.editing.edits import EditError
from config.models import Config
from config.problems import ConfigError
from store.changes import MOST_CHANGES, SqlChanges

_APPLYING = (
    *BODY_PROBLEMS, Problem.CONFIG_INVALID, Problem.DRAFT_CONFLICT, Problem.DRAFT_EMPTY, Problem.TESTS_FAIL,
    Problem.FILES_NOT_WRITTEN, Problem.STORE_UNAVAILABLE,
)  # fmt: skip
ChangeId = Annotated[int, Path(ge=1, le=2**31)]


class ChangeEndpoints:
    """Applies, lists and takes back changes."""

    def __init__(
        self, config: Callable[[], Config], editor: SettingsEditor, store: SqlChanges, audit: PortalAudit
    ) -> None:
        self._config = config
        self._editor = editor
        self._store = store
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of changes."""
        portal, one = Audience.PORTAL, "/v1/portal/settings/changes/{change_id}"
        unknown = (Problem.CHANGE_UNKNOWN, Problem.VALIDATION_FAILED, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("POST", "/v1/portal/settings/apply", self.apply, "portal_settings_apply", portal,
                   (*_APPLYING, Problem.DRAFT_STALE), status=201, right="publish"),
            UrlRow("GET", "/v1/portal/settings/changes", self.list, "portal_changes", portal, LIST_PROBLEMS,
                   right="look"),
            UrlRow("GET", one, self.change, "portal_change", portal, unknown, right="look"),
            UrlRow("POST", f"{one}/undo", self.undo, "portal_change_undo", portal,
                   (*_APPLYING, Problem.CHANGE_UNKNOWN, Problem.AGENTS_RETURN), status=201, right="publish"),
            UrlRow("DELETE", one, self.cancel, "portal_change_cancel", portal, unknown, status=204,
                   right="publish"),
        )  # fmt: skip

    async def apply(
        self, wished: WishedApply, user: Asks, revision: Revision, request: Request
    ) -> ChangeView:
        """Check the draft, write the files, and reload; or have it wait for its time."""
        try:
            change = await self._editor.apply(
                user.name,
                number_of(revision),
                wished.why,
                self._allowed(user),
                publish_at=wished.publish_at,
                despite_tests=wished.despite_tests,
            )
        except Exception as error:
            raise _refused(error) from error
        await self._audit.note(request, user, "settings_changed", change=change.change_id, state=change.state)
        return self._view(change)

    async def list(
        self,
        before: Annotated[int | None, Query(ge=1, description="next of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = 50,
    ) -> ChangeList:
        """What was changed, by portal and on disk, and what waits for its time; the newest first."""
        found = await self._store.newest(before, limit)
        following = found[-1].change_id if len(found) == limit else None
        return ChangeList(changes=[self._view(each) for each in found], next=following)

    async def change(self, change_id: ChangeId) -> ChangeDetails:
        """One change with its diff."""
        change = await self._store.change(change_id)
        if change is None:
            raise RequestError(Problem.CHANGE_UNKNOWN)
        diffs = {name: diff(name, change.before[name], text) for name, text in change.after.items()}
        return ChangeDetails(change=self._view(change), diffs=diffs)

    async def undo(self, change_id: ChangeId, wished: WishedUndo, user: Asks, request: Request) -> ChangeView:
        """Take one change back, also later than others: that is a change of its own."""
        try:
            change = await self._editor.undo(
                user.name,
                change_id,
                wished.why,
                self._allowed(user),
                despite_tests=wished.despite_tests,
                agents_return=wished.agents_return,
            )
        except Exception as error:
            raise _refused(error) from error
        await self._audit.note(request, user, "settings_undone", change=change.change_id, undoes=change_id)
        return self._view(change)

    async def cancel(self, change_id: ChangeId, user: Asks, request: Request) -> None:
        """Have a change that waits for its time not be applied."""
        try:
            await self._editor.cancel(change_id)
        except NoSuchChangeError:
            raise RequestError(Problem.CHANGE_UNKNOWN) from None
        await self._audit.note(request, user, "change_cancelled", change=change_id)

    def _allowed(self, user: PortalUser) -> Callable[[frozenset[str]], None]:
        def check(sections: frozenset[str]) -> None:
            missing = sorted(sections - set(may_change(user, self._config().portal.sections)))
            if missing:
                raise RequestError(Problem.RIGHT_MISSING, detail=f"You may not change {', '.join(missing)}.")

        return check

    def _view(self, change: Change) -> ChangeView:
        operators = self._config().operators
        return ChangeView(
            id=change.change_id,
            at=change.at,
            by=change.by,
            label=operators[change.by].label if change.by in operators else change.by or "On disk",
            via=change.via,
            why=change.why,
            sentences=list(change.sentences),
            files=sorted(change.after),
            undoes=change.undoes,
            state=change.state,
            publish_at=change.publish_at,
            problem=change.problem,
        )


def _refused(error: Exception) -> Exception:
    """What the page is told of an error of the editor; the error itself where it is none of the editor's."""
    match error:
        case NotValidError():
            return refused(ConfigError(FilePath(), error.problems))
        case FailingTestsError():
            told = [
                FieldError(path=test.name, message="; ".join(test.failures)) for test in error.trial.failed
            ]
            return RequestError(Problem.TESTS_FAIL, errors=told)
        case ConflictsError():
            return RequestError(Problem.DRAFT_CONFLICT)
        case AgentsReturnError():
            back = [FieldError(path=f"agents.{name}", message="can log in again") for name in error.names]
            return RequestError(Problem.AGENTS_RETURN, errors=back)
        case NothingToApplyError():
            return RequestError(Problem.DRAFT_EMPTY)
        case NoSuchChangeError():
            return RequestError(Problem.CHANGE_UNKNOWN)
        case WriteRefusedError():
            return RequestError(Problem.FILES_NOT_WRITTEN, detail=str(error))
        case StaleDraftError() | EditError() | ConfigError():
            return refused(error)
    return error
