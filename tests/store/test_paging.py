"""Pages joined together are exactly the calls asked for, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bridge.causes import Disposition
from bridge.cdr import CallRecord
from store import reads, writes
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.migrate import upgrade
from store.paging import Cursor
from store.reads import CdrFilter
from store.sqlite import engine_for
from tests.aio import asyncio_test
from tests.store.records import a_click, a_record

SITES = ("boston", "paris")
NUMBERS = ("+16175550100", "+442079460000")
TIMES = (0.0, 1.0, 1.0000001, 2.5, 1_700_000_000.123456)

rows = st.lists(
    st.builds(
        dict,
        site=st.sampled_from(SITES),
        number=st.sampled_from(NUMBERS),
        requested_at=st.sampled_from(TIMES),
        disposition=st.sampled_from([Disposition.BRIDGED, Disposition.FAILED, None]),
    ),
    max_size=25,
)
filters = st.builds(
    CdrFilter,
    site=st.none() | st.sampled_from(SITES),
    disposition=st.none() | st.just(Disposition.BRIDGED),
    number=st.none() | st.sampled_from(NUMBERS),
    since=st.none() | st.sampled_from(TIMES),
    until=st.none() | st.sampled_from(TIMES),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    url = sqlite_url(tmp_path_factory.mktemp("paging") / "ringback.sqlite3")
    upgrade(url)
    engine = engine_for(url, "write")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def wanted(record: CallRecord, which: CdrFilter) -> bool:
    return (
        which.site in (None, record.site)
        and which.disposition in (None, record.disposition)
        and which.number in (None, record.number)
        and (which.since is None or record.requested_at >= which.since)
        and (which.until is None or record.requested_at < which.until)
    )


@settings(max_examples=150, deadline=None)
@given(rows=rows, which=filters, limit=st.integers(1, 7))
def test_pages_hold_every_wanted_call_once(
    connection: Connection, rows: list[dict[str, object]], which: CdrFilter, limit: int
) -> None:
    finished = []
    with connection.begin() as transaction:
        for number, row in enumerate(rows):
            call_id = f"call-{number * 7 % 25}"
            click = a_click(str(row["number"]), site=str(row["site"]))
            writes.open_call(connection, call_id, click, "sales", row["requested_at"])
            if row["disposition"]:  # else it lives on, and is in no page
                finished.append(a_record(call_id, **row))
                writes.write_cdr(connection, finished[-1])
        pages = []
        after: Cursor | None = None
        while not pages or after:
            page = reads.cdrs(connection, which, limit, after)
            pages.append(page.records)
            after = page.next and Cursor.parse(str(page.next))
            assert len(pages) <= len(rows) + 1
        transaction.rollback()
    expected = [record for record in finished if wanted(record, which)]
    expected.sort(key=lambda record: (record.requested_at, record.call_id), reverse=True)
    assert [record for page in pages for record in page] == expected
    assert all(len(page) == limit for page in pages[:-1])
    assert len(pages[-1]) > 0 or not expected


@given(cursor=st.builds(Cursor, at=st.floats(allow_nan=False, allow_infinity=False), row_id=st.text()))
def test_a_cursor_survives_its_text(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor
    assert str(cursor).replace("-", "").replace("_", "").isalnum()


@given(text=st.text() | st.sampled_from(["e30", "WzEsMl0", "bnVsbA"]))
def test_another_text_is_no_cursor(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of json, base64 or our own
        Cursor.parse(text)


@asyncio_test
async def test_a_page_has_a_limit(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database)
        for limit in (0, 501):
            with pytest.raises(ValueError, match="1 to 500"):
                await store.cdrs(CdrFilter(), limit=limit)
