"""Everything that is kept of one person, handed out or erased: what data protection laws give them."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import zipfile
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse

from api.askers import Asker, Whose
from api.audit import AuditTrail
from api.problems import Problem, RequestError
from api.recorded_files import recorded_file
from api.routes import BODY_PROBLEMS, Audience, UrlRow, binary
from bridge.callback import Callback, CallbackState
from bridge.masking import mask_number
from bridge.progress import CallProgress
from config.base import E164
from config.models import Config
from media.talk_files import delete
from routing.plan import ClickToCall
from store.people import KeptData, Person

_OPEN = {state.value for state in (CallbackState.BOOKED, CallbackState.DIALLING)}


class PersonRequest(BaseModel):
    """The person: everybody who matches any of the fields."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: E164 | None = Field(default=None, description="Their phone number.")
    email: Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^\s@]+@[^\s@]+$")] | None = Field(
        default=None, description="Their address, wherever a page or the retailer's server passed it."
    )
    id: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="The id of the customer, as the retailer's server signs it."
    )

    agent: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="Somebody at the business, by their name in the settings: their time."
    )

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.number or self.email or self.id or self.agent):
            raise ValueError("give a number, an email, an id or an agent")
        return self

    @property
    def person(self) -> Person:
        """The person to look for."""
        return Person(self.number, self.email, self.id, self.agent)

    @property
    def masked(self) -> dict[str, str]:
        """Who it is about, for the audit trail, which outlives them."""
        shown = {"number": mask_number(self.number) if self.number else None}
        shown |= {name: "given" if getattr(self, name) else None for name in ("email", "id")}
        shown["agent"] = self.agent
        return {name: value for name, value in shown.items() if value}


class Erased(BaseModel):
    """What was taken out: how many rows of each kind, and audio files."""

    calls: int
    legs: int
    wrap_ups: int
    messages: int
    callbacks: int
    chats: int
    chat_entries: int
    chat_agents: int
    deliveries: int
    page_visitors: int
    offers: int
    orders: int
    leads: int
    lead_contacts: int
    agent_spans: int
    recordings: int
    files: int


class LiveClicks(Protocol):
    """The live calls, and what each was asked for with."""

    def live(self) -> Sequence[CallProgress]:
        """The newest line of every live call."""

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with; None for one that is over."""


class PersonStore(Protocol):
    """Everything that is kept, by the person it is about; every method may raise store.errors.StoreError."""

    async def find(self, person: Person, sites: Collection[str] | None = None) -> KeptData:
        """Everything that is kept of somebody; with ``sites``, by these sites alone."""

    async def erase(self, person: Person, kept: KeptData) -> None:
        """Take the person out of what was found."""


class PersonEndpoints:
    """Hands out what is kept of a person, and erases it."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        calls: LiveClicks,
        people: PersonStore,
        cancel_callback: Callable[[str], Awaitable[Callback | None]],
        forget_visitors: Callable[[Iterable[tuple[str, str]]], None],
        forget_leads: Callable[[Iterable[str]], Awaitable[None]],
        audit: AuditTrail,
    ) -> None:
        """``forget_visitors`` takes those out of memory that are here now, each by site and id;
        ``forget_leads`` the leads with these ids.
        """
        self._config = config
        self._calls = calls
        self._people = people
        self._cancel_callback = cancel_callback
        self._forget_visitors = forget_visitors
        self._forget_leads = forget_leads
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of personal data."""
        problems = (*BODY_PROBLEMS, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("POST", "/v1/person/export", self.export, "export_person", Audience.OPERATOR, problems,
                  answers=binary("application/zip")),
            UrlRow("POST", "/v1/person/erase", self.erase, "erase_person", Audience.OPERATOR,
                  (*problems, Problem.PERSON_IN_CALL)),
        )  # fmt: skip

    async def export(self, wanted: PersonRequest, request: Request, asker: Whose) -> FileResponse:
        """A ZIP file with everything: ``person.json``, and the audio of messages and recorded talks."""
        kept = await self._people.find(wanted.person, asker.sites)
        self._audit.write(request, "person_exported", **wanted.masked, **kept.counts)
        file = await asyncio.to_thread(_pack, kept, self._files(kept))
        return FileResponse(
            file,
            media_type="application/zip",
            filename="person.zip",
            background=BackgroundTask(file.unlink, missing_ok=True),
        )

    async def erase(self, wanted: PersonRequest, request: Request, asker: Whose) -> Erased:
        """Erase somebody. Rows that are counted stay, without the person; messages and recordings go."""
        person = wanted.person
        if self._in_a_call(person, asker):
            raise RequestError(Problem.PERSON_IN_CALL)
        kept = await self._people.find(person, asker.sites)
        for row in kept.callbacks:
            if row["state"] in _OPEN:
                await self._cancel_callback(row["secret"])
        if self._in_a_call(person, asker):  # one was being called back
            raise RequestError(Problem.PERSON_IN_CALL)
        # First the files: should the disk refuse, erasing can be asked for once more.
        files = self._files(kept)
        for file in files.values():
            await asyncio.to_thread(file.unlink, missing_ok=True)
        for row in kept.recordings:  # one that was never put together has other files
            if (whole := recorded_file(self._config(), row["path"])) is not None:
                await asyncio.to_thread(delete, whole)
        self._forget_visitors([(row["site"], row["id"]) for row in kept.page_visitors])
        await self._forget_leads([row["id"] for row in kept.leads])
        await self._people.erase(person, kept)
        self._audit.write(request, "person_erased", **wanted.masked, **kept.counts, files=len(files))
        return Erased(**kept.counts, files=len(files))

    def _in_a_call(self, person: Person, asker: Asker) -> bool:
        live = (progress.call_id for progress in self._calls.live() if asker.sees(progress.site))
        clicks = (self._calls.click(call_id) for call_id in live)
        return any(
            person.fits({"number": click.number, "context": click.context, "signed": click.signed})
            for click in clicks
            if click is not None
        )

    def _files(self, kept: KeptData) -> dict[str, Path]:
        """The audio of each message and recording that is there, within the folder of recordings."""
        config = self._config()
        files = {row["id"]: recorded_file(config, row["path"]) for row in (*kept.messages, *kept.recordings)}
        return {audio_id: file for audio_id, file in files.items() if file is not None and file.is_file()}


def _pack(kept: KeptData, files: dict[str, Path]) -> Path:
    descriptor, name = tempfile.mkstemp(prefix="ringback-person-", suffix=".zip")
    file = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("person.json", json.dumps(kept.shown(), indent=2, ensure_ascii=False))
            for audio_id, audio in files.items():
                packed.write(audio, f"audio/{audio_id}.wav")
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return file
