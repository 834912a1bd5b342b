"""An operator's draft of the settings over HTTP: by form and by text, and what it would do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Header, Query

from api.portal.settings_models import (
    BesideView,
    ConflictChoices,
    ConflictView,
    DraftView,
    FailedTestView,
    HoursText,
    HoursView,
    LocSteps,
    MentionsView,
    PlacedProblem,
    ReviewView,
    SentenceView,
    SettingsView,
    TextTyped,
    TextView,
    WishedEdit,
    WishedEdits,
    WishedHours,
)
from api.portal.settings_rights import may_change, section_of
from api.portal_door import Asks, PortalUser
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from changes.drafts import ConflictsError, RemoveNamed, Wish, tree_of
from changes.editor import SettingsEditor
from changes.errors import NothingToApplyError, StaleDraftError
from changes.standing import DraftStanding
from changes.trial import DraftTrial
from changes.week_grid import WeekGrid, read_grid, write_grid
from config.editing.edits import Add, EditError, Move, Remove, Rename, Set, SharedError
from config.editing.renaming import references
from config.models import Config
from config.problems import ConfigError, ConfigProblem, Loc, write_loc
from config.reference import schema
from routing.load import LoadedRoutes

#: Bytes of a text in JSON, at most.
MAX_TEXT_BODY = 5 * 1024 * 1024
MAX_EDITS_BODY = 512 * 1024
EDIT_PROBLEMS = (
    *BODY_PROBLEMS, Problem.DRAFT_STALE, Problem.EDIT_REFUSED, Problem.CONFIG_INVALID,
    Problem.STORE_UNAVAILABLE,
)  # fmt: skip
READ_PROBLEMS = (Problem.CONFIG_INVALID, Problem.STORE_UNAVAILABLE)
_HIDDEN = frozenset({"password_hash"})

Revision = Annotated[
    str, Header(alias="If-Match", max_length=32, description='The draft\'s revision, such as "4".')
]


class DraftEndpoints:
    """Shows and keeps drafts. What somebody typed is on the server before it is answered."""

    def __init__(self, config: Callable[[], Config], editor: SettingsEditor) -> None:
        self._config = config
        self._editor = editor

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of drafts."""
        base, look = "/v1/portal/settings", Audience.PORTAL
        return (
            UrlRow("GET", base, self.settings, "portal_settings", look, READ_PROBLEMS, right="look"),
            UrlRow("GET", f"{base}/schema", self.schema, "portal_settings_schema", look, right="look"),
            UrlRow("GET", f"{base}/mentions", self.mentions, "portal_settings_mentions", look, READ_PROBLEMS,
                   right="look"),
            UrlRow("GET", f"{base}/text", self.text, "portal_settings_text", look,
                   (*READ_PROBLEMS, Problem.FILE_UNKNOWN, Problem.VALIDATION_FAILED), right="edit"),
            UrlRow("PUT", f"{base}/text", self.type_text, "portal_settings_type", look,
                   (*EDIT_PROBLEMS, Problem.FILE_UNKNOWN), max_body=MAX_TEXT_BODY, right="edit"),
            UrlRow("POST", f"{base}/edits", self.edit, "portal_settings_edit", look,
                   (*EDIT_PROBLEMS, Problem.EDIT_SHARED), max_body=MAX_EDITS_BODY, right="look"),
            UrlRow("GET", f"{base}/review", self.review, "portal_settings_review", look, READ_PROBLEMS,
                   right="look"),
            UrlRow("POST", f"{base}/choices", self.choose, "portal_settings_choose", look,
                   (*EDIT_PROBLEMS, Problem.DRAFT_EMPTY), max_body=MAX_EDITS_BODY, right="look"),
            UrlRow("DELETE", f"{base}/draft", self.drop, "portal_settings_drop", look,
                   (Problem.STORE_UNAVAILABLE,), status=204, right="look"),
            UrlRow("GET", f"{base}/hours", self.hours, "portal_settings_hours", look,
                   (Problem.VALIDATION_FAILED,), right="look"),
            UrlRow("POST", f"{base}/hours", self.write_hours, "portal_settings_write_hours", look,
                   BODY_PROBLEMS, right="look"),
        )  # fmt: skip

    async def settings(self, user: Asks) -> SettingsView:
        """The settings with the operator's draft in them."""
        return self._view(user, await standing_of(self._editor, user))

    async def schema(self) -> dict[str, Any]:
        """The JSON Schema of the settings, with the text of each."""
        found: dict[str, Any] = json.loads(schema())
        return found

    async def mentions(
        self,
        user: Asks,
        section: Annotated[str, Query(max_length=64)],
        name: Annotated[str, Query(max_length=64)],
    ) -> MentionsView:
        """Which settings name an item of a section, with the operator's draft in them."""
        standing = await standing_of(self._editor, user)
        try:
            _, tree = tree_of(standing.paths[standing.main], standing.paths, standing.mine)
        except ConfigError as error:
            raise refused(error) from None
        return MentionsView(mentions=[write_loc(each.loc) for each in references(tree, section, name)])

    async def text(self, user: Asks, file: Annotated[str, Query(max_length=1024)]) -> TextView:
        """A file as text, with the operator's draft in it."""
        standing = await standing_of(self._editor, user)
        if file not in standing.mine:
            raise RequestError(Problem.FILE_UNKNOWN)
        return TextView(file=file, text=standing.mine[file], draft=draft_view(standing))

    async def type_text(
        self,
        typed: TextTyped,
        user: Asks,
        revision: Revision,
        file: Annotated[str, Query(max_length=1024)],
    ) -> DraftView:
        """Keep what was typed, valid or not."""
        try:
            standing = await self._editor.type_text(user.name, number_of(revision), file, typed.text)
        except KeyError:
            raise RequestError(Problem.FILE_UNKNOWN) from None
        except (StaleDraftError, ConfigError) as error:
            raise refused(error) from None
        return draft_view(standing)

    async def edit(self, wished: WishedEdits, user: Asks, revision: Revision) -> SettingsView:
        """Make edits in the draft, each in the file that it is of: all of them, or none."""
        may = self._may(user)
        for each in wished.edits:
            if (
                section_of([*each.at, *([each.key] if each.do == "add" and each.key is not None else [])])
                not in may
            ):
                raise RequestError(Problem.RIGHT_MISSING, detail=f"You may not change {_path(each.at)}.")
        try:
            standing = await self._editor.edit(
                user.name, number_of(revision), [edit_of(each) for each in wished.edits]
            )
        except (StaleDraftError, EditError, ConfigError) as error:
            raise refused(error) from None
        return self._view(user, standing)

    async def review(self, user: Asks) -> ReviewView:
        """What the draft would do: in words, as a diff, with the tests of the routes, and what is wrong."""
        try:
            standing, trial = await self._editor.trial(user.name)
        except ConflictsError as error:
            standing = await standing_of(self._editor, user)
            return _review(standing, DraftTrial(), [], error)
        except ConfigError as error:
            raise refused(error) from None
        missing = sorted(trial.sections - set(self._may(user)))
        return _review(standing, trial, missing, None)

    async def choose(self, wished: ConflictChoices, user: Asks, revision: Revision) -> DraftView:
        """Say which side holds where somebody else changed the same settings."""
        choices: dict[str, dict[Loc, str]] = {}
        for each in wished.choices:
            choices.setdefault(each.file, {})[tuple(each.at)] = each.take
        try:
            return draft_view(await self._editor.choose(user.name, number_of(revision), choices))
        except NothingToApplyError:
            raise RequestError(Problem.DRAFT_EMPTY) from None
        except (StaleDraftError, EditError, ConfigError) as error:
            raise refused(error) from None

    async def drop(self, user: Asks) -> None:
        """Forget the draft."""
        await self._editor.drop(user.name)

    async def hours(self, text: Annotated[str, Query(max_length=2000)]) -> HoursView:
        """Opening hours as a week."""
        grid = read_grid(text)
        if grid is None:
            return HoursView(days=None, rest=[])
        return HoursView(days=[[list(span) for span in day] for day in grid.days], rest=list(grid.rest))

    async def write_hours(self, wished: WishedHours) -> HoursText:
        """A week of opening hours as text."""
        try:
            days = tuple(tuple(sorted((start, end) for start, end in day)) for day in wished.days)
            return HoursText(text=write_grid(WeekGrid(days, tuple(wished.rest))))
        except ValueError as error:
            told = FieldError(path="body.days", message=f"{error}: correct the times")
            raise RequestError(Problem.VALIDATION_FAILED, errors=[told]) from None

    def _may(self, user: PortalUser) -> list[str]:
        return [*may_change(user, self._config().portal.sections)]

    def _view(self, user: PortalUser, standing: DraftStanding) -> SettingsView:
        tree: dict[str, Any] = {}
        problem = None
        try:
            tree = _without_passwords(
                tree_of(standing.paths[standing.main], standing.paths, standing.mine)[1]
            )
        except ConfigError as error:
            problem = str(error.problems[0].line(standing.paths[standing.main]))
        return SettingsView(
            main=standing.main,
            files=list(standing.paths),
            beside=[
                BesideView(file=name, section=each.section, item=each.item)
                for name, each in standing.beside.items()
            ],
            may=may_change(user, self._config().portal.sections),
            may_text=user.may("edit"),
            may_publish=user.may("publish"),
            tree=tree,
            problem=problem,
            draft=draft_view(standing),
        )


async def standing_of(editor: SettingsEditor, user: PortalUser) -> DraftStanding:
    """What is on disk and in a draft; RequestError where a file cannot be read."""
    try:
        return await editor.standing(user.name)
    except ConfigError as error:
        raise refused(error) from None


def refused(error: Exception) -> RequestError:
    """The problem that an error of the editor is."""
    match error:
        case StaleDraftError():
            return RequestError(Problem.DRAFT_STALE)
        case SharedError():
            users = [FieldError(path=write_loc(each), message="uses it") for each in error.users]
            return RequestError(Problem.EDIT_SHARED, errors=users)
        case EditError():
            told = FieldError(path=write_loc(error.loc), message=error.why)
            return RequestError(Problem.EDIT_REFUSED, errors=[told])
        case ConfigError():
            return RequestError(
                Problem.CONFIG_INVALID, errors=[_field_error(each) for each in error.problems]
            )
    return RequestError(Problem.INTERNAL_ERROR)


async def usable_trial(editor: SettingsEditor, operator: str) -> tuple[DraftStanding, LoadedRoutes]:
    """An operator's draft, and the settings that it makes; RequestError where it makes none."""
    try:
        standing, trial = await editor.trial(operator)
    except ConflictsError:
        raise RequestError(Problem.DRAFT_CONFLICT) from None
    except ConfigError as error:
        raise refused(error) from None
    if trial.loaded is None:
        raise refused(ConfigError(Path(), trial.problems))
    return standing, trial.loaded


def _field_error(problem: ConfigProblem) -> FieldError:
    text = f"line {problem.place.line}: {problem.text}"
    return FieldError(path=problem.path or problem.file or problem.place.file or "file", message=text)


def number_of(revision: str) -> int:
    """The draft's revision of an ``If-Match``; RequestError."""
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', revision.strip())
    if not found:
        told = FieldError(path="If-Match", message='send the revision of the draft, such as "4"')
        raise RequestError(Problem.VALIDATION_FAILED, errors=[told])
    return int(found[1])


def draft_view(standing: DraftStanding) -> DraftView:
    """A draft, as its operator sees it."""
    draft = standing.draft
    return DraftView(
        revision=draft.revision if draft else 0,
        saved_at=draft.saved_at if draft else None,
        files=sorted(draft.mine) if draft else [],
        behind=standing.behind,
    )


def edit_of(wished: WishedEdit) -> Wish:
    """The edit that a page wishes for; RequestError where a field is missing."""
    at = tuple(wished.at)
    match wished.do:
        case "set":
            return Set(at, wished.value, wished.shared)
        case "add" if wished.key is not None:
            return Add(at, wished.key, wished.value, wished.after, wished.shared)
        case "rename" if isinstance(wished.key, str) and at:
            return Rename(at, wished.key, wished.shared)
        case "remove" if wished.mentions and len(at) == 2:
            return RemoveNamed(str(at[0]), str(at[1]))
        case "remove" if at:
            return Remove(at, wished.shared)
        case "move" if at:
            return Move(at, wished.before, wished.shared)
    told = FieldError(path="body.edits", message=f"{wished.do} needs at, and a key")
    raise RequestError(Problem.VALIDATION_FAILED, errors=[told])


def _path(at: LocSteps) -> str:
    return write_loc(tuple(at)) or "the whole file"


def _without_passwords(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _without_passwords(value) for key, value in tree.items() if key not in _HIDDEN}
    return [_without_passwords(item) for item in tree] if isinstance(tree, list) else tree


def _review(
    standing: DraftStanding, trial: DraftTrial, missing: list[str], conflicts: ConflictsError | None
) -> ReviewView:
    return ReviewView(
        draft=draft_view(standing),
        sentences=[
            SentenceView(kind=each.kind, at=list(each.loc), text=each.text) for each in trial.sentences
        ],
        diffs=dict(trial.diffs),
        problems=[placed(each, standing) for each in trial.problems],
        warnings=[placed(each, standing) for each in trial.warnings],
        conflicts=[
            ConflictView(
                file=each.file,
                at=list(each.conflict.loc),
                base=_without_passwords(each.conflict.base),
                theirs=_without_passwords(each.conflict.theirs),
                mine=_without_passwords(each.conflict.mine),
            )
            for each in (conflicts.conflicts if conflicts else ())
        ],
        tests=trial.tests,
        failed=[FailedTestView(name=each.name, failures=list(each.failures)) for each in trial.failed],
        missing=missing,
    )


def placed(problem: ConfigProblem, standing: DraftStanding) -> PlacedProblem:
    """A problem with its file's name."""
    file = problem.file or problem.place.file
    name = next((name for name, path in standing.paths.items() if str(path) == file), file or standing.main)
    return PlacedProblem(
        file=name,
        line=problem.place.line,
        column=problem.place.column,
        path=problem.path,
        text=problem.text,
    )
