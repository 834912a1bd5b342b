"""The operator's commands as a client of a running server's API."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

from api.lead_reports import PromiseReport
from api.lead_views import LeadEntry
from api.operator.chat_reports import ChatCountEntry, ChatCountList
from api.operator.leads import LeadPage
from api.operator.models import (
    CallbackEntry,
    CallbackList,
    CallList,
    CdrList,
    DeliveryList,
    DeliveryView,
    MessageList,
    MessageView,
    ReceiverList,
    ReceiverView,
    Reloaded,
    SessionList,
    SessionView,
    TracedMessage,
    TrunkList,
    TrunkView,
)
from api.operator.people import Erased
from api.operator.questions import QuestionReport
from api.operator.reports import BucketCounts, BucketEntry, Rebuilt
from api.operator.retention import ExpiredEntry, ExpiredList
from api.operator.spend import SpendEntry, SpendList
from bridge.cdr import CallRecord
from bridge.progress import CallProgress
from config.fields import LogLevel
from config.loader import load_server
from store.paging import MAX_PAGE
from visits.report import EngagementReport

Entry = TypeVar("Entry")
PageT = TypeVar("PageT", CdrList, MessageList, LeadPage)

#: Seconds that a search of everything may take.
_SEARCH = 600.0
#: Seconds that counting all calls again may take.
_REBUILD = 7200.0


class OperatorError(Exception):
    """A command could not be carried out; the text says what to do."""


class OperatorClient:
    """Talks to the server that runs with this config file, with the file's admin key."""

    def __init__(self, file: Path) -> None:
        server = load_server(file)
        if server.admin_key is None:
            raise OperatorError(
                f"{file} sets no server.admin_key_file: the operator's side of the API is closed"
            )
        self._client = httpx.Client(
            base_url=f"http://{server.listen_address}",
            headers={"Authorization": f"Bearer {server.admin_key.get_secret_value()}"},
            timeout=10.0,
        )

    def live_calls(self) -> list[CallProgress]:
        """Where every live call stands."""
        return CallList.model_validate_json(self._ask("GET", "/v1/calls")).calls

    def cdrs(self, filters: Mapping[str, str], limit: int) -> Iterator[CallRecord]:
        """Finished calls, the newest first, page by page."""
        return self._paged("/v1/cdrs", CdrList, lambda page: page.cdrs, filters, limit)

    def messages(self, filters: Mapping[str, str], limit: int) -> Iterator[MessageView]:
        """Messages that shoppers left, the newest first, page by page."""
        return self._paged("/v1/messages", MessageList, lambda page: page.messages, filters, limit)

    def save_audio(self, message_id: str, file: Path) -> None:
        """Write what a message says into a WAV file."""
        audio = self._ask("GET", f"/v1/messages/{quote(message_id, safe='')}/audio")
        try:
            file.write_bytes(audio)
        except OSError as error:
            raise OperatorError(f"cannot write {file}: {error.strerror}") from error

    def delete_message(self, message_id: str) -> None:
        """Delete a message, its audio, and what tells of it."""
        self._ask("DELETE", f"/v1/messages/{quote(message_id, safe='')}")

    def leads(self, view: str, limit: int) -> Iterator[LeadEntry]:
        """Leads, the most urgent first; closed ones the newest first."""
        return self._paged("/v1/leads", LeadPage, lambda page: page.leads, {"view": view}, limit)

    def promises(self, by: str, since: float) -> PromiseReport:
        """Answers against what was promised, of promises that began since then."""
        answer = self._ask("GET", "/v1/reports/promises", params={"by": by, "since": str(since)})
        return PromiseReport.model_validate_json(answer)

    def callbacks(self, limit: int) -> list[CallbackEntry]:
        """Callbacks, the newest first."""
        answer = self._ask("GET", "/v1/callbacks", params={"limit": str(limit)})
        return CallbackList.model_validate_json(answer).callbacks

    def deliveries(self, *, dead: bool, limit: int) -> list[DeliveryView]:
        """Mails and webhooks of the outbox, the newest first; ``dead``: those given up."""
        wanted = {"dead": str(dead).lower(), "limit": str(limit)}
        return DeliveryList.model_validate_json(self._ask("GET", "/v1/deliveries", params=wanted)).deliveries

    def trunks(self) -> list[TrunkView]:
        """Every trunk, and how it fares."""
        return TrunkList.model_validate_json(self._ask("GET", "/v1/trunks")).trunks

    def export_person(self, wanted: Mapping[str, str], file: Path) -> None:
        """Write everything that is kept of somebody into a ZIP file, which only its owner may read."""
        packed = self._ask("POST", "/v1/person/export", json=dict(wanted), timeout=_SEARCH)
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(packed)
        except OSError as error:
            raise OperatorError(f"cannot write {file}: {error.strerror}") from error

    def erase_person(self, wanted: Mapping[str, str]) -> Erased:
        """Erase somebody; how many rows and files it were."""
        return Erased.model_validate_json(
            self._ask("POST", "/v1/person/erase", json=dict(wanted), timeout=_SEARCH)
        )

    def expired(self) -> list[ExpiredEntry]:
        """What is older than the settings want it kept."""
        answer = self._ask("GET", "/v1/retention", timeout=_SEARCH)
        return ExpiredList.model_validate_json(answer).expired

    def call_counts(self, since: float, until: float) -> list[BucketEntry]:
        """Counts of the calls that were requested in this period."""
        asked = {"since": str(since), "until": str(until)}
        return BucketCounts.model_validate_json(self._ask("GET", "/v1/reports/calls", params=asked)).counts

    def chat_counts(self, since: float, until: float) -> list[ChatCountEntry]:
        """Counts of the chats that were asked for in this period."""
        asked = {"since": str(since), "until": str(until)}
        return ChatCountList.model_validate_json(self._ask("GET", "/v1/reports/threads", params=asked)).counts

    def engagement(self, since: float, until: float) -> EngagementReport:
        """What engagement rules brought in this period."""
        asked = {"since": str(since), "until": str(until)}
        answer = self._ask("GET", "/v1/reports/engagement", params=asked, timeout=_SEARCH)
        return TypeAdapter(EngagementReport).validate_json(answer)

    def rebuild_reports(self) -> Rebuilt:
        """Have all calls counted again."""
        return Rebuilt.model_validate_json(self._ask("POST", "/v1/reports/rebuild", timeout=_REBUILD))

    def spend(self) -> list[SpendEntry]:
        """What sites and trunks have spent today, and may."""
        return SpendList.model_validate_json(self._ask("GET", "/v1/spend")).spend

    def resend(self, delivery_id: str) -> DeliveryView:
        """Have a mail or a webhook tried again."""
        answer = self._ask("POST", f"/v1/deliveries/{quote(delivery_id, safe='')}/resend")
        return DeliveryView.model_validate_json(answer)

    def receivers(self) -> list[ReceiverView]:
        """The receivers of webhooks that get nothing now."""
        return ReceiverList.model_validate_json(self._ask("GET", "/v1/receivers")).receivers

    def resume(self, target: str) -> None:
        """Let a receiver have everything again."""
        self._ask("POST", "/v1/receivers/resume", json={"target": target})

    def questions(self, since: float) -> QuestionReport:
        """What shoppers asked in the search of answers since then, and what came of it."""
        return QuestionReport.model_validate_json(
            self._ask("GET", "/v1/reports/questions", params={"since": str(since)})
        )

    def sessions(self) -> list[SessionView]:
        """Where agents are logged in, the newest first."""
        return SessionList.model_validate_json(self._ask("GET", "/v1/sessions")).sessions

    def end_session(self, session_id: str) -> None:
        """Log an agent out of one browser."""
        self._ask("DELETE", f"/v1/sessions/{quote(session_id, safe='')}")

    def reload(self) -> Reloaded:
        """Have the server read its config file again; what it has to say of the file."""
        return Reloaded.model_validate_json(self._ask("POST", "/v1/reload"))

    def trace(self, call: str, trunk: str, seconds: float, full_numbers: bool) -> Iterator[TracedMessage]:
        """SIP messages as they pass, for so long."""
        wanted = {"call": call, "trunk": trunk, "seconds": str(seconds)}
        wanted = {name: value for name, value in wanted.items() if value}
        wanted["full_numbers"] = str(full_numbers).lower()
        try:
            with self._client.stream("GET", "/v1/trace", params=wanted, timeout=15.0) as answer:
                if answer.is_error:
                    answer.read()
                    raise OperatorError(_problem(answer))
                for line in answer.iter_lines():
                    if line:
                        yield TracedMessage.model_validate_json(line)
        except httpx.TransportError as error:
            raise OperatorError(f"the server at {self._client.base_url} went away ({error})") from error

    def set_log_level(self, level: LogLevel) -> None:
        """Have the server log more or less."""
        self._ask("PUT", "/v1/log-level", json={"level": level})

    def _paged(
        self,
        path: str,
        kind: type[PageT],
        entries: Callable[[PageT], Sequence[Entry]],
        filters: Mapping[str, str],
        limit: int,
    ) -> Iterator[Entry]:
        cursor: str | None = None
        while limit > 0:
            wanted = {**filters, "limit": str(min(limit, MAX_PAGE)), **({"cursor": cursor} if cursor else {})}
            page = kind.model_validate_json(self._ask("GET", path, params=wanted))
            yield from entries(page)
            limit -= len(entries(page))
            cursor = page.next
            if cursor is None:
                return

    def _ask(self, method: str, path: str, **options: Any) -> bytes:
        try:
            answer = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise OperatorError(
                f"no server answers at {self._client.base_url} ({error}). Start it with: ringback serve FILE"
            ) from error
        if answer.is_error:
            raise OperatorError(_problem(answer))
        return answer.content


def _problem(answer: httpx.Response) -> str:
    """An RFC 9457 problem as text."""
    try:
        problem = answer.json()
        lines = [f"{problem['title']}: {problem['detail']}"]
        lines += [f"{error['path']}: {error['message']}" for error in problem.get("errors") or ()]
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
    return "\n".join(lines)
