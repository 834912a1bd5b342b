"""Ended calls and chats as tallies by part, in buckets of 15 minutes and in days of UTC."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from reports.counts import BUCKET
from reports.parts import (
    MOST_PAGES,
    OTHER_PAGES,
    Channel,
    CountedChat,
    CountedUnder,
    Part,
    PartKey,
    parts_of_chat,
)
from reports.periods import DAY, Piece
from reports.tally import NOTHING, CountTally, total
from store.locks import take_turns
from store.tables import chats, offers, part_counts

#: How long the two kinds of rows last, in seconds.
SPANS = (BUCKET, DAY)
_TABLE = part_counts
_KEY = (_TABLE.c.span, _TABLE.c.channel, _TABLE.c.part, _TABLE.c.bucket, _TABLE.c.site, _TABLE.c.value)
_NAMES = ("span", *PartKey._fields)


@dataclass(frozen=True, slots=True)
class PartQuestion:
    """Which tallies: of one part, in the end of some sites, and of one value."""

    channel: Channel
    part: Part
    #: Of these sites alone; None for all.
    sites: Collection[str] | None = None
    value: str | None = None


#: A row that was read: bucket, site, value, and the three numbers of its tally.
PartRow = tuple[int, str, str, int, int, int]


def add_parts(connection: Connection, parts: Mapping[PartKey, CountTally]) -> None:
    """Add these to what is counted already. Who does has taken its turn (:mod:`store.locks`)."""
    parts = _few_pages(connection, parts)
    for span in SPANS:
        added: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
        for key, tally in parts.items():
            whole = key._replace(bucket=key.bucket // span * span)
            added[whole] = added[whole] + tally
        _write(connection, span, added)


def _write(connection: Connection, span: int, added: Mapping[PartKey, CountTally]) -> None:
    known = _known(connection, span, added)
    rows = [
        {"span": span, **key._asdict(), **(known.get(key, NOTHING) + tally).packed()}
        for key, tally in added.items()
    ]
    if rows:
        connection.execute(_UPSERT, rows)


_UPSERT = text(
    "INSERT INTO part_counts (span, channel, part, bucket, site, value, sums, waits, firsts) "
    "VALUES (:span, :channel, :part, :bucket, :site, :value, :sums, :waits, :firsts) "
    "ON CONFLICT (span, channel, part, bucket, site, value) "
    "DO UPDATE SET sums = excluded.sums, waits = excluded.waits, firsts = excluded.firsts"
).bindparams(*(bindparam(name, type_=_TABLE.c[name].type) for name in (*_NAMES, "sums", "waits", "firsts")))


def _known(connection: Connection, span: int, keys: Iterable[PartKey]) -> dict[PartKey, CountTally]:
    wanted = set(keys)
    found: dict[PartKey, CountTally] = {}
    for channel, part, bucket in {(key.channel, key.part, key.bucket) for key in wanted}:
        rows = connection.execute(
            select(_TABLE.c.site, _TABLE.c.value, _TABLE.c.sums, _TABLE.c.waits, _TABLE.c.firsts).where(
                _TABLE.c.span == span,
                _TABLE.c.channel == channel,
                _TABLE.c.part == part,
                _TABLE.c.bucket == bucket,
            )
        )
        for site, value, *packed in rows:
            key = PartKey(channel, part, bucket, site, value)
            if key in wanted:
                found[key] = CountTally.unpacked(*packed)
    return found


def _few_pages(connection: Connection, parts: Mapping[PartKey, CountTally]) -> Mapping[PartKey, CountTally]:
    """The same, where a site has so many pages on a day that further ones are counted together."""
    known: dict[tuple[Channel, int, str], set[str]] = {}
    found: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
    for key, tally in parts.items():
        if key.part == "page":
            day = key.bucket // DAY * DAY
            if (key.channel, day, key.site) not in known:
                statement = select(_TABLE.c.value).where(
                    _TABLE.c.span == DAY,
                    _TABLE.c.channel == key.channel,
                    _TABLE.c.part == "page",
                    _TABLE.c.bucket == day,
                    _TABLE.c.site == key.site,
                )
                known[key.channel, day, key.site] = set(connection.scalars(statement))
            pages = known[key.channel, day, key.site]
            if key.value not in pages and len(pages) >= MOST_PAGES:
                key = key._replace(value=OTHER_PAGES)
            pages.add(key.value)
        found[key] = found[key] + tally
    return found


def read_parts(connection: Connection, question: PartQuestion, wanted: Sequence[Piece]) -> list[PartRow]:
    """What is counted in these stretches, each with when its row begins."""
    found: list[PartRow] = []
    number = int.from_bytes
    for piece in wanted:
        # As plain text: what SQLAlchemy does for each column of each row takes longer than all the rest.
        conditions = ""
        values: dict[str, Any] = {
            "span": piece.span,
            "channel": question.channel,
            "part": question.part,
            "begins": piece.begins,
            "ends": piece.ends,
        }
        if question.sites is not None:
            conditions += " AND site IN :sites"
            values["sites"] = list(question.sites)
        if question.value is not None:
            conditions += " AND value = :value"
            values["value"] = question.value
        statement = text(_READ + conditions)
        if question.sites is not None:
            statement = statement.bindparams(bindparam("sites", expanding=True, type_=_TABLE.c.site.type))
        found += [
            (bucket, site, value, number(sums, "little"), number(waits, "little"), number(firsts, "little"))
            for bucket, site, value, sums, waits, firsts in connection.execute(statement, values)
        ]
    return found


_READ = (
    "SELECT bucket, site, value, sums, waits, firsts FROM part_counts WHERE span = :span "
    "AND channel = :channel AND part = :part AND bucket >= :begins AND bucket < :ends"
)


def forget_parts(connection: Connection, channel: Channel, site: str, since: int) -> None:
    """Take out what is counted of a site from a bucket on; the day that it is in keeps what was before."""
    here = (_TABLE.c.channel == channel, _TABLE.c.site == site)
    day = since // DAY * DAY
    connection.execute(delete(_TABLE).where(_TABLE.c.span == BUCKET, *here, _TABLE.c.bucket >= since))
    connection.execute(delete(_TABLE).where(_TABLE.c.span == DAY, *here, _TABLE.c.bucket >= day))
    left = select(_TABLE.c.part, _TABLE.c.value, _TABLE.c.sums, _TABLE.c.waits, _TABLE.c.firsts).where(
        _TABLE.c.span == BUCKET, *here, _TABLE.c.bucket >= day
    )
    before: defaultdict[PartKey, list[CountTally]] = defaultdict(list)
    for part, value, *packed in connection.execute(left):
        before[PartKey(channel, part, day, site, value)].append(CountTally.unpacked(*packed))
    _write(connection, DAY, {key: total(tallies) for key, tallies in before.items()})


def rules_of(connection: Connection, column: Any, ids: Sequence[str]) -> dict[str, str]:
    """The engagement rules whose offers led to these calls or chats, by their ids."""
    rows = connection.execute(select(column, offers.c.rule).where(column.in_(ids)))
    return {row[0]: row[1] for row in rows}


# --- chats --------------------------------------------------------------------------------------------------

#: What :class:`reports.parts.CountedChat` is made of.
CHAT_COLUMNS = (
    chats.c.id.label("chat_id"),
    chats.c.site,
    chats.c.route,
    chats.c.queue,
    chats.c.page,
    func.coalesce(chats.c.last_agent, "").label("agent"),
    func.coalesce(chats.c.outcome, "").label("outcome"),
    chats.c.asked_at,
    chats.c.waited,
    chats.c.accepted_at,
    chats.c.first_answer_at,
    chats.c.ended_at,
    chats.c.handled,
    chats.c.replies,
    chats.c.reply_seconds,
)
_CHAT = (
    select(*CHAT_COLUMNS)
    .where(chats.c.ended_at.is_not(None), chats.c.counted == 0)
    .order_by(chats.c.asked_at)
)


def count_chats(connection: Connection, limit: int, around: CountedUnder) -> int:
    """Count up to ``limit`` ended chats that are in no tally yet; how many they were."""
    take_turns(connection, part_counts)
    found = [CountedChat(**row._mapping) for row in connection.execute(_CHAT.limit(limit))]
    ids = [chat.chat_id for chat in found]
    rules = rules_of(connection, offers.c.chat_id, ids)
    parts: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
    for chat in found:
        for key, tally in parts_of_chat(chat, rules.get(chat.chat_id, ""), around).items():
            parts[key] = parts[key] + tally
    add_parts(connection, parts)
    connection.execute(update(chats).where(chats.c.id.in_(ids)).values(counted=1))
    return len(found)


def forget_chats(connection: Connection) -> None:
    """Have every chat that is kept counted again; what is counted of chats that are gone stays."""
    take_turns(connection, part_counts)
    oldest = select(chats.c.site, func.min(chats.c.asked_at)).group_by(chats.c.site)
    for site, at in connection.execute(oldest).all():
        # The bucket of the oldest may hold chats that are gone: it stays as it is.
        since = int(at // BUCKET + 1) * BUCKET
        kept = select(func.count()).where(
            chats.c.site == site, chats.c.asked_at < since, chats.c.counted == 1
        )
        whole = connection.execute(
            select(_TABLE.c.sums).where(
                _TABLE.c.span == BUCKET,
                _TABLE.c.channel == "chats",
                _TABLE.c.part == "all",
                _TABLE.c.site == site,
                _TABLE.c.bucket == since - BUCKET,
            )
        ).scalar()
        counted = CountTally.unpacked(whole, b"", b"")["offered"] if whole is not None else 0
        if counted <= (connection.scalar(kept) or 0):
            since -= BUCKET
        forget_parts(connection, "chats", site, since)
        again = update(chats).where(chats.c.site == site, chats.c.asked_at >= since, chats.c.counted == 1)
        connection.execute(again.values(counted=0))
