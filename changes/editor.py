"""The settings as operators edit them: drafts, and changes that are applied, undone, or wait for a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from changes.beside import BesideFile, beside_files
from changes.commits import commit_files
from changes.drafts import ConflictsError, Wish, chosen, edited, joined
from changes.errors import (
    AgentsReturnError,
    FailingTestsError,
    NoSuchChangeError,
    NothingToApplyError,
    NotValidError,
    StaleDraftError,
)
from changes.files import WriteRefusedError, put_back, replace_files
from changes.records import Change, ChangeState, ChangeStore, KeptDraft, Texts
from changes.standing import DraftStanding, paths_of, read_all, sentences_of
from changes.trial import DraftTrial, try_draft
from config.draft import Draft
from config.problems import ConfigError, Loc
from routing.load import LoadedRoutes

log = structlog.get_logger(__name__)

_NO_MARKS = dict.fromkeys(map(ord, "<>\r\n"))
_INTERRUPTED = "The server ended before this was applied."


class SettingsEditor:
    """Edits the files that the server was started with.

    ``loaded()`` is what is in force; ``reload()`` reads the files again and raises
    :class:`config.problems.ConfigError`; ``time()`` is in seconds since the epoch. Methods
    raise StoreError where the database says no.
    """

    def __init__(
        self,
        *,
        loaded: Callable[[], LoadedRoutes],
        reload: Callable[[], Awaitable[object]],
        store: ChangeStore,
        time: Callable[[], float],
        further: Iterable[Callable[[Draft], None]] = (),
    ) -> None:
        self._loaded = loaded
        self._reload = reload
        self._store = store
        self._time = time
        self._further = tuple(further)
        self._one_at_a_time = asyncio.Lock()
        #: Whether the files were looked at since the start.
        self._looked = False

    # -- drafts

    async def standing(self, operator: str) -> DraftStanding:
        """What is on disk and in the operator's draft; :class:`config.problems.ConfigError`.

        What somebody did to the files with an editor becomes a change of its own.
        """
        async with self._one_at_a_time:
            return await self._standing(operator)

    async def look(self) -> None:
        """Note what was done to the files on disk; :class:`config.problems.ConfigError`."""
        await self.standing("")

    async def finish(self) -> None:
        """Return when no change is being made."""
        async with self._one_at_a_time:
            pass

    async def type_text(self, operator: str, revision: int, name: str, text: str) -> DraftStanding:
        """Keep what an operator typed, whatever it is; :class:`StaleDraftError`, KeyError."""
        async with self._one_at_a_time:
            standing = await self._at(operator, revision)
            if name not in standing.paths:
                raise KeyError(name)
            return await self._keep(standing, operator, {**standing.mine, name: text})

    async def edit(self, operator: str, revision: int, edits: Iterable[Wish]) -> DraftStanding:
        """Make edits in the draft; :class:`StaleDraftError`, :class:`config.editing.edits.EditError`,
        :class:`config.problems.ConfigError`."""
        async with self._one_at_a_time:
            standing = await self._at(operator, revision)
            texts = await asyncio.to_thread(
                edited, standing.main, standing.paths, standing.mine, tuple(edits)
            )
            return await self._keep(standing, operator, texts)

    async def choose(
        self, operator: str, revision: int, choices: Mapping[str, Mapping[Loc, str]]
    ) -> DraftStanding:
        """Settle conflicts, for each setting by ``mine`` or ``theirs``; errors as those of :meth:`edit`."""
        async with self._one_at_a_time:
            standing = await self._at(operator, revision)
            draft = standing.draft
            if draft is None:
                raise NothingToApplyError
            base, mine = dict(draft.base), dict(draft.mine)
            for name, each in choices.items():
                if name in mine:
                    base[name], mine[name] = await asyncio.to_thread(
                        chosen, standing.paths[name], base[name], standing.disk[name], mine[name], each
                    )
            kept = replace(draft, revision=draft.revision + 1, saved_at=self._time(), base=base, mine=mine)
            await self._store.keep_draft(kept)
            return replace(standing, draft=kept)

    async def drop(self, operator: str) -> None:
        """Forget an operator's draft."""
        await self._store.drop_draft(operator)

    async def trial(self, operator: str) -> tuple[DraftStanding, DraftTrial]:
        """What the operator's draft would do to what is on disk; :class:`ConflictsError`."""
        standing = await self.standing(operator)
        return standing, await self._try(standing, await self._joined(standing))

    # -- changes

    async def apply(
        self,
        operator: str,
        revision: int,
        why: str,
        allowed: Callable[[frozenset[str]], None],
        *,
        publish_at: float | None = None,
        despite_tests: bool = False,
    ) -> Change:
        """Put the draft in force, or have it wait for a time.

        ``allowed(sections)`` raises where the operator may not change these sections. Raises
        :class:`StaleDraftError`, :class:`NothingToApplyError`, :class:`ConflictsError`,
        :class:`NotValidError`, :class:`FailingTestsError`, :class:`changes.files.WriteRefusedError`: then the
        files and the settings are as they were, and the draft is kept.
        """
        async with self._one_at_a_time:
            standing = await self._at(operator, revision)
            texts = await self._joined(standing)
            trial = await self._passing(standing, texts, despite_tests=despite_tests)
            allowed(trial.sections)
            change = self._change(standing, texts, trial, operator, why)
            if publish_at is not None:
                change = replace(change, state="waiting", publish_at=publish_at)
                change = replace(change, change_id=await self._store.add(change))
            else:
                change = await self._put_in_force(standing, change)
            await self._store.drop_draft(operator)
            return change

    async def undo(
        self,
        operator: str,
        change_id: int,
        why: str,
        allowed: Callable[[frozenset[str]], None],
        *,
        despite_tests: bool = False,
        agents_return: bool = False,
    ) -> Change:
        """Take back one change, also later than others; errors as those of :meth:`apply`, and
        :class:`NoSuchChangeError`. Where agents would be there again that nobody has now,
        :class:`AgentsReturnError`, unless that is meant: their old passwords would be good again."""
        async with self._one_at_a_time:
            undone = await self._store.change(change_id)
            if undone is None or undone.state != "applied":
                raise NoSuchChangeError
            standing = await self._standing(operator)
            known = {name: text for name, text in undone.before.items() if name in standing.paths}
            texts = await asyncio.to_thread(joined, standing.paths, undone.after, standing.disk, known)
            trial = await self._passing(standing, texts, despite_tests=despite_tests)
            allowed(trial.sections)
            if trial.new_agents and not agents_return:
                raise AgentsReturnError(trial.new_agents)
            change = self._change(standing, texts, trial, operator, why)
            return await self._put_in_force(standing, replace(change, undoes=change_id))

    async def cancel(self, change_id: int) -> None:
        """Have a change that waits not be applied; :class:`NoSuchChangeError`."""
        if not await self._store.settle(change_id, "cancelled", self._time()):
            raise NoSuchChangeError

    async def publish_due(self) -> None:
        """Apply the changes whose time has come, each joined with what is on disk then."""
        async with self._one_at_a_time:
            for change in await self._store.waiting():
                if change.publish_at is not None and change.publish_at <= self._time():
                    await self._publish(change)

    async def _publish(self, change: Change) -> None:
        problem = told = ""
        try:
            standing = await self._standing(change.by)
            texts = await asyncio.to_thread(
                joined, standing.paths, change.before, standing.disk, change.after
            )
            trial = await self._passing(standing, texts, despite_tests=False)
            fresh = self._change(standing, texts, trial, change.by, change.why)
            await self._write(standing, fresh.after)
            told = await self._commit(standing, fresh)
        except NothingToApplyError:
            pass
        except NotValidError as error:
            first = error.problems[0]
            problem = f"It would not be valid now: {first.path}: {first.text}"
        except (ConflictsError, FailingTestsError, ConfigError, WriteRefusedError) as error:
            problem = str(error)
        state: ChangeState = "refused" if problem else "applied"
        await self._store.settle(change.change_id, state, self._time(), problem or told)
        log.info("change_published", change=change.change_id, state=state, problem=problem)

    # -- steps; each is called while no other change is made

    async def _at(self, operator: str, revision: int) -> DraftStanding:
        standing = await self._standing(operator)
        if revision != (standing.draft.revision if standing.draft else 0):
            raise StaleDraftError(standing.draft)
        return standing

    async def _standing(self, operator: str) -> DraftStanding:
        loaded = self._loaded()
        main = loaded.file.name
        beside = await asyncio.to_thread(beside_files, loaded.file.absolute(), loaded.config)
        settings = paths_of(loaded)
        paths = {**{name: each.path for name, each in beside.items()}, **settings}
        disk = await asyncio.to_thread(read_all, paths)
        await self._note_edits_on_disk(paths, main, disk, beside)
        draft = await self._store.draft(operator)
        if draft and any(name not in paths for name in draft.mine):
            mine = {name: text for name, text in draft.mine.items() if name in paths}
            draft = replace(draft, mine=mine, base={name: draft.base[name] for name in mine})
        ordered = {**settings, **paths}
        return DraftStanding(ordered, main, disk, draft, beside)

    async def _note_edits_on_disk(
        self, paths: Mapping[str, Path], main: str, disk: Texts, beside: Mapping[str, BesideFile]
    ) -> None:
        """Keep a change for what the files hold and nobody has put there by the portal."""
        known = await self._store.known()
        if not self._looked:
            known = await self._settle_interrupted(known, disk)
            self._looked = True
        elif known == disk:
            return
        differing = {name for name, text in disk.items() if known.get(name, text) != text}
        if known and differing:
            before = {**disk, **{name: known[name] for name in differing}}
            told = await asyncio.to_thread(sentences_of, paths, main, before, disk, beside)
            await self._store.add(
                Change(
                    at=self._time(),
                    by="",
                    via="disk",
                    why="",
                    before={name: known[name] for name in differing},
                    after={name: disk[name] for name in differing},
                    sentences=told,
                )
            )
        await self._store.keep_known(disk)

    async def _settle_interrupted(self, known: Texts, disk: Texts) -> Texts:
        """Settle the change that the server ended in the middle of; what the files are known to hold then."""
        for change in await self._store.waiting():
            if change.publish_at is None:
                made = all(disk.get(name) == text for name, text in change.after.items())
                state: ChangeState = "applied" if made else "refused"
                problem = "" if made else _INTERRUPTED
                await self._store.settle(change.change_id, state, self._time(), problem)
                known = {**known, **change.after} if made else known
        return known

    async def _keep(self, standing: DraftStanding, operator: str, texts: Texts) -> DraftStanding:
        former = standing.draft
        base = {
            name: former.base[name] if former and name in former.base else standing.disk[name]
            for name in texts
        }
        mine = {name: text for name, text in texts.items() if text != base[name]}
        draft = KeptDraft(
            operator,
            (former.revision if former else 0) + 1,
            self._time(),
            {name: base[name] for name in mine},
            mine,
        )
        await self._store.keep_draft(draft)
        return replace(standing, draft=draft)

    async def _joined(self, standing: DraftStanding) -> dict[str, str]:
        draft = standing.draft
        if draft is None:
            return {}
        return await asyncio.to_thread(joined, standing.paths, draft.base, standing.disk, draft.mine)

    async def _try(self, standing: DraftStanding, texts: Texts) -> DraftTrial:
        return await asyncio.to_thread(
            try_draft,
            self._loaded().file,
            standing.paths,
            standing.disk,
            texts,
            self._further,
            standing.beside,
        )

    async def _passing(self, standing: DraftStanding, texts: Texts, *, despite_tests: bool) -> DraftTrial:
        if not texts:
            raise NothingToApplyError
        trial = await self._try(standing, texts)
        if trial.problems:
            raise NotValidError(trial.problems)
        if trial.failed and not despite_tests:
            raise FailingTestsError(trial)
        return trial

    def _change(
        self, standing: DraftStanding, texts: Texts, trial: DraftTrial, operator: str, why: str
    ) -> Change:
        return Change(
            at=self._time(),
            by=operator,
            via="portal",
            why=why,
            before={name: standing.disk[name] for name in texts},
            after=dict(texts),
            sentences=tuple(sentence.text for sentence in trial.sentences),
        )

    async def _put_in_force(self, standing: DraftStanding, change: Change) -> Change:
        # Kept first: should the server end meanwhile, the next one knows who did this.
        change_id = await self._store.add(replace(change, state="waiting"))
        try:
            await self._write(standing, change.after)
        except BaseException as error:
            problem = str(error) or _INTERRUPTED
            await self._store.settle(change_id, "refused", self._time(), problem)
            raise
        problem = await self._commit(standing, change)
        await self._store.settle(change_id, "applied", self._time(), problem)
        return replace(change, change_id=change_id, problem=problem)

    async def _commit(self, standing: DraftStanding, change: Change) -> str:
        """Commit a change that is in force, where the settings want it; why there is no commit."""
        loaded = self._loaded()
        if not loaded.config.portal.git:
            return ""
        operator = loaded.config.operators.get(change.by)
        # git takes neither of them for a part of an address.
        label = (operator.label if operator else change.by).translate(_NO_MARKS)
        subject = change.sentences[0] if change.sentences else "The file is written in another way."
        return await commit_files(
            loaded.file.absolute().parent,
            [standing.paths[name] for name in change.after],
            f"{label or change.by} <{change.by}@localhost>",
            subject,
            "\n".join(part for part in (change.why, *change.sentences[1:]) if part),
        )

    async def _write(self, standing: DraftStanding, texts: Texts) -> None:
        """Replace the files and reload; where that is refused, the old bytes are put back."""
        folder = self._loaded().file.absolute().parent
        new = {standing.paths[name]: text for name, text in texts.items()}
        before = await asyncio.to_thread(replace_files, folder, new)
        try:
            await self._reload()
            left_out = self._loaded().left_out
            if left_out:
                raise NotValidError(left_out)
        except BaseException as error:
            await asyncio.to_thread(put_back, folder, before)
            with contextlib.suppress(ConfigError):
                await self._reload()
            if isinstance(error, ConfigError):
                raise NotValidError(error.problems) from None
            raise
        await self._store.keep_known({**standing.disk, **texts})
