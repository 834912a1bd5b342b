"""The shop's own web server: the page, what the page must know, and the stories of finished calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from pydantic import BaseModel, Field
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.numbers import e164, read_number
from api.problems import RequestError
from bridge.causes import Disposition
from demo import coolway
from demo.call_story import CallStory, OperatorSide, recording_of, tell_story
from demo.cast import Click, RecordedLeg
from demo.settings import AGENT, AGENT_LABEL, OPERATOR, OPERATOR_LABEL, DemoKeys
from demo.signed import CUSTOMERS, customer_of, sign_page, sign_visitor
from demo.stories import STORIES

#: What a player must know of the sound that it gets.
_OF_SOUND = ("Content-Type", "Content-Range", "Accept-Ranges")
#: Seconds that the other shoppers of a story have before the one at this page: then they come first.
_COMPANY_SECONDS = 1.5


#: Stands for Ringback in the built page, which knows no address.
_NOWHERE = "https://ringback.invalid"


class LoggedIn(BaseModel):
    """Who is logged in to the shop. A real shop knows by its own session."""

    customer: str = Field(default="", max_length=40)


class Typed(LoggedIn):
    """The number that a visitor typed, and the country that it is of unless it says."""

    number: str = Field(default="", max_length=100)
    country: str = Field(default="", max_length=2)


def create_page(
    build: Path,
    api: str,
    operator: OperatorSide,
    heard: Mapping[str, RecordedLeg],
    *,
    click: Click,
    keys: DemoKeys,
) -> FastAPI:
    """The application; ``build`` is the built page, ``api`` the origin of Ringback.

    ``click`` asks for calls to other shoppers; of the ``keys`` the page is told the passwords.
    """
    app = FastAPI(title="Acme Bikes, the demo shop", openapi_url=None)
    setup: dict[str, Any] = {
        "agent": _login(f"{api}/agent/", AGENT_LABEL, AGENT, keys.password),
        "operator": _login(f"{api}/portal/", OPERATOR_LABEL, OPERATOR, keys.operator),
        "workshop": {
            "agent": _login(f"{api}/agent/", coolway.AGENT_LABEL, coolway.AGENT, keys.workshop_password),
            "vehicle": list(coolway.VEHICLE),
            "number": STORIES[0].number,
        },
        "customers": [{"id": each.id, "label": each.label} for each in CUSTOMERS],
        "stories": [
            {
                "id": story.id,
                "title": story.title,
                "explains": {
                    by: explains
                    for by, explains in (("phone", story.by_phone), ("pc", story.by_pc))
                    if explains is not None
                },
                "country": story.country,
                "number": story.number,
                "company": bool(story.others),
                "agent": story.agent,
            }
            for story in STORIES
        ],
    }

    @app.get("/demo/setup.json")
    async def tell_setup() -> dict[str, Any]:
        return setup

    @app.get("/")
    @app.get("/index.html")
    @app.get("/cart")
    @app.get("/checkout")
    @app.get("/repairs")
    async def show() -> HTMLResponse:
        """The page, with the one line that embeds Ringback, as a shop's own templates have it."""
        return HTMLResponse((build / "index.html").read_text().replace(_NOWHERE, api))

    @app.get("/radiators")
    async def show_radiators() -> HTMLResponse:
        """The other shop of the demo, with a site of its own."""
        return HTMLResponse((build / "radiators.html").read_text().replace(_NOWHERE, api))

    @app.post("/demo/signed")
    async def sign(typed: Typed) -> dict[str, str]:
        phone = None
        with contextlib.suppress(RequestError):
            phone = e164(read_number(typed.number, typed.country))
        return {"signed": sign_visitor(keys.signing, customer_of(typed.customer), phone)}

    @app.post("/demo/page-token")
    async def identify(logged_in: LoggedIn) -> dict[str, str]:
        return {"signed": sign_page(keys.signing, customer_of(logged_in.customer))}

    @app.post("/demo/stories/{story_id}/company", status_code=204)
    async def bring_company(story_id: str) -> None:
        story = next((each for each in STORIES if each.id == story_id), None)
        if story is None:
            raise HTTPException(404, "There is no such story.")
        for other in story.others:
            await click(other)
        await asyncio.sleep(_COMPANY_SECONDS)

    @app.get("/demo/calls/{call_id}", responses={202: {"description": "No record yet: ask again."}})
    async def tell_call(call_id: str, response: Response) -> CallStory | None:
        record = await operator.record(call_id)
        story = None
        if record:
            taken = record.disposition is Disposition.MESSAGE_TAKEN
            message = await operator.message(call_id) if taken else None
            story = await tell_story(record, heard, message.content if message else None)
        if story is None:
            response.status_code = 202
        return story

    @app.get("/demo/calls/{call_id}/message.wav")
    async def play_message(call_id: str, request: Request) -> Response:
        message = await operator.message(call_id, request.headers.get("Range"))
        if message is None:
            raise HTTPException(404, "There is no such message.")
        passed = {name: message.headers[name] for name in _OF_SOUND if name in message.headers}
        return Response(message.content, message.status_code, passed)

    @app.get("/demo/calls/{call_id}/{leg}.wav")
    async def play(call_id: str, leg: int) -> FileResponse:
        record = await operator.record(call_id)
        path = recording_of(record, leg, heard) if record else None
        if path is None:
            raise HTTPException(404, "There is no such recording.")
        return FileResponse(path, media_type="audio/wav")

    app.mount("/", StaticFiles(directory=build, html=True))
    app.add_middleware(_Policy, api=api)
    # A page elsewhere must not reach us under a name of its own (DNS rebinding).
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return app


def _login(url: str, label: str, name: str, password: str) -> dict[str, str]:
    return {"label": label, "url": url, "name": name, "password": password}


class _Policy:
    """ASGI layer: the page loads nothing but the loader from elsewhere, and talks to Ringback alone.

    The panel's library and the shop's own make a policy of the same name, so its duplicates are allowed.
    """

    def __init__(self, app: ASGIApp, api: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": f"default-src 'none'; script-src 'self' {api}; style-src 'self'; "
            f"img-src 'self'; media-src 'self'; connect-src 'self' {api} {api.replace('http', 'ws', 1)}; "
            "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
            "require-trusted-types-for 'script'; trusted-types lit-html 'allow-duplicates'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, answer)
