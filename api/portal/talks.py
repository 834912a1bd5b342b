"""From a number to what is behind it: a list of calls or chats, and all around one of them.

Opening one is noted in the audit trail. Phone numbers are masked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from starlette.requests import Request

from api.paging import CursorText, read_cursor
from api.portal.part_filters import part_filters
from api.portal.report_models import StoryEvent, TalkList, TalkStoryView, TalkView
from api.portal.stories import number_of, story_events
from api.portal_audit import PortalAudit
from api.portal_door import Asks, PortalDoor
from api.problems import Problem, RequestError
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from bridge.cdr import CallRecord
from config.models import Config
from reports.definitions import BY_ID
from reports.parts import (
    Channel,
    CountedCall,
    CountedChat,
    CountedUnder,
    Part,
    counted_call,
    tally_of,
    values_of,
)
from store.talks import FoundTalk, SqlTalks, TalkQuestion

#: A moment, in seconds since the epoch.
At = Annotated[float, Query(ge=0, le=1e11, allow_inf_nan=False)]
Name = Annotated[str, Query(max_length=128)]


class TalkEndpoints:
    """Lists calls and chats, and tells the story of one."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        surroundings: Callable[[Config], CountedUnder],
        store: SqlTalks,
        door: PortalDoor,
        audit: PortalAudit,
    ) -> None:
        self._config = config
        self._surroundings = surroundings
        self._store = store
        self._door = door
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of calls and chats."""
        at = "/v1/portal/talks/{channel}"
        unknown = (Problem.TALK_UNKNOWN, *LIST_PROBLEMS)
        return (
            UrlRow("GET", at, self.list, "portal_talks", Audience.PORTAL, LIST_PROBLEMS, right="reports"),
            UrlRow("GET", f"{at}/{{talk_id}}", self.story, "portal_talk", Audience.PORTAL, unknown,
                  right="reports"),
        )  # fmt: skip

    async def list(
        self,
        channel: Channel,
        since: At,
        until: At,
        request: Request,
        user: Asks,
        site: Name = "",
        part: Part = "all",
        value: Name = "",
        also: Part = "all",
        also_value: Name = "",
        metric: Annotated[str, Query(max_length=32, description="Those that this metric counts.")] = "",
        during: Annotated[
            At | None, Query(description="Those that were in progress at this moment alone.")
        ] = None,
        cursor: CursorText = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> TalkList:
        """The calls or chats that a number of a report counts, the newest first.

        ``since`` <= asked for < ``until``; of one part, or of two with ``also``.
        """
        if "agent" in (part, also):
            self._door.require(request, user, "agents")
        config = self._config()
        around = self._surroundings(config)
        filters = part_filters(config, around, ((part, value), (also, also_value)))
        question = TalkQuestion(channel, since, until, site or None, filters, during)
        wanted = BY_ID.get(metric)

        def fits(found: FoundTalk) -> bool:
            talk = _counted(found)
            values = values_of(talk, found.rule, around)
            return all(values[each.part] == each.value for each in filters) and (
                wanted is None or bool(wanted.of(tally_of(talk, around)))
            )

        page = await self._store.page(question, fits, limit, read_cursor(cursor))
        return TalkList(
            talks=[_view(found, around) for found in page.talks], next=str(page.next) if page.next else None
        )

    async def story(self, channel: Channel, talk_id: str, request: Request, user: Asks) -> TalkStoryView:
        """All around one call or chat, in its order: page, offer, chat, call, what followed, and orders."""
        story = await self._store.story(channel, talk_id)
        if story is None:
            raise RequestError(Problem.TALK_UNKNOWN)
        what = "call_opened" if channel == "calls" else "chat_opened"
        await self._audit.note(request, user, what, id=talk_id)
        events: list[StoryEvent] = story_events(story, channel)
        around = self._surroundings(self._config())
        return TalkStoryView(talk=_view(story.found, around), number=number_of(story), events=events)


def _counted(found: FoundTalk) -> CountedCall | CountedChat:
    return counted_call(found.talk, 0.0) if isinstance(found.talk, CallRecord) else found.talk


def _view(found: FoundTalk, around: CountedUnder) -> TalkView:
    values = values_of(_counted(found), found.rule, around)
    talk = found.talk
    if isinstance(talk, CallRecord):
        talk_id, at, length = talk.call_id, talk.requested_at, talk.talk_seconds
        wait = None if talk.bridged_at is None else max(0.0, talk.bridged_at - talk.requested_at)
    else:
        talk_id, at, length = talk.chat_id, talk.asked_at, talk.handled
        wait = talk.waited if talk.accepted_at is not None else None
    return TalkView(
        id=talk_id,
        at=at,
        site=talk.site,
        route=values["route"],
        queue=values["queue"],
        who=values["agent"],
        page=values["page"],
        rule=values["rule"],
        outcome=values["outcome"],
        wait=None if wait is None else round(wait, 1),
        length=round(length, 1),
    )
