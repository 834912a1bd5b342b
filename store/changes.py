"""Changes of the settings, the drafts of operators, and what each file held when it was last looked at."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from changes.records import Change, ChangeState, KeptDraft, Texts
from store.database import Database
from store.tables import change_drafts, changes, settings_files

MOST_CHANGES = 200


class SqlChanges:
    """Changes in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, change: Change) -> int:
        """Keep a change; its number."""
        return await self._database.write(_add, change)

    async def change(self, change_id: int) -> Change | None:
        """One change."""
        return await self._database.read(_one, change_id)

    async def newest(self, before: int | None = None, limit: int = 50) -> Sequence[Change]:
        """Changes, the newest first."""
        return await self._database.read(_newest, before, min(limit, MOST_CHANGES))

    async def waiting(self) -> Sequence[Change]:
        """Changes that wait for their time, the earliest first."""
        return await self._database.read(_waiting)

    async def settle(self, change_id: int, state: ChangeState, at: float, problem: str = "") -> bool:
        """What became of one that waited; False where it waits no more."""
        return await self._database.write(_settle, change_id, state, at, problem)

    async def draft(self, operator: str) -> KeptDraft | None:
        """What an operator has typed."""
        return await self._database.read(_draft, operator)

    async def keep_draft(self, draft: KeptDraft) -> None:
        """Keep what an operator typed."""
        await self._database.write(_keep_draft, draft)

    async def drop_draft(self, operator: str) -> None:
        """Forget a draft."""
        await self._database.write(_drop_draft, operator)

    async def known(self) -> Texts:
        """What the files held when they were last looked at."""
        return await self._database.read(_known)

    async def keep_known(self, texts: Texts) -> None:
        """Note what the files hold."""
        await self._database.write(_keep_known, texts)


def _packed(texts: Texts) -> bytes:
    return zlib.compress(json.dumps(dict(texts)).encode())


def _unpacked(packed: bytes) -> dict[str, str]:
    found: dict[str, str] = json.loads(zlib.decompress(packed))
    return found


def _add(connection: Connection, change: Change) -> int:
    values = {
        "at": change.at,
        "by": change.by,
        "via": change.via,
        "why": change.why,
        "before": _packed(change.before),
        "after": _packed(change.after),
        "sentences": list(change.sentences),
        "undoes": change.undoes,
        "state": change.state,
        "publish_at": change.publish_at,
        "problem": change.problem,
    }
    done = connection.execute(insert(changes).values(**values).returning(changes.c.id))
    return int(done.scalar_one())


def _change(row: Row[Any]) -> Change:
    return Change(
        at=row.at,
        by=row.by,
        via=row.via,
        why=row.why,
        before=_unpacked(row.before),
        after=_unpacked(row.after),
        sentences=tuple(row.sentences),
        undoes=row.undoes,
        state=row.state,
        publish_at=row.publish_at,
        problem=row.problem,
        change_id=row.id,
    )


def _one(connection: Connection, change_id: int) -> Change | None:
    row = connection.execute(select(changes).where(changes.c.id == change_id)).one_or_none()
    return _change(row) if row else None


def _newest(connection: Connection, before: int | None, limit: int) -> Sequence[Change]:
    statement = select(changes).order_by(changes.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(changes.c.id < before)
    return [_change(row) for row in connection.execute(statement)]


def _waiting(connection: Connection) -> Sequence[Change]:
    statement = select(changes).where(changes.c.state == "waiting").order_by(changes.c.publish_at)
    return [_change(row) for row in connection.execute(statement)]


def _settle(connection: Connection, change_id: int, state: str, at: float, problem: str) -> bool:
    which = (changes.c.id == change_id) & (changes.c.state == "waiting")
    done = connection.execute(update(changes).where(which).values(state=state, at=at, problem=problem))
    return bool(done.rowcount)


def _draft(connection: Connection, operator: str) -> KeptDraft | None:
    row = connection.execute(select(change_drafts).where(change_drafts.c.operator == operator)).one_or_none()
    if row is None:
        return None
    return KeptDraft(operator, row.revision, row.saved_at, _unpacked(row.base), _unpacked(row.mine))


def _keep_draft(connection: Connection, draft: KeptDraft) -> None:
    _drop_draft(connection, draft.operator)
    connection.execute(
        insert(change_drafts).values(
            operator=draft.operator,
            revision=draft.revision,
            saved_at=draft.saved_at,
            base=_packed(draft.base),
            mine=_packed(draft.mine),
        )
    )


def _drop_draft(connection: Connection, operator: str) -> None:
    connection.execute(delete(change_drafts).where(change_drafts.c.operator == operator))


def _known(connection: Connection) -> Texts:
    return {
        row.name: zlib.decompress(row.text).decode() for row in connection.execute(select(settings_files))
    }


def _keep_known(connection: Connection, texts: Texts) -> None:
    connection.execute(delete(settings_files))
    rows = [{"name": name, "text": zlib.compress(text.encode())} for name, text in texts.items()]
    if rows:
        connection.execute(insert(settings_files), rows)


def count_changes(connection: Connection, before: float) -> int:
    """How many changes are older, and wait for nothing."""
    which = (changes.c.at < before) & (changes.c.state != "waiting")
    return connection.scalar(select(func.count()).where(which)) or 0


def forget_changes(connection: Connection, before: float) -> int:
    """Delete the changes that are older; how many that were."""
    which = (changes.c.at < before) & (changes.c.state != "waiting")
    return connection.execute(delete(changes).where(which)).rowcount
