"""Every way a request can be refused: one literal table of stable ids, and the responses made of it.

Responses are problem details (RFC 9457). ``python -m api.problems`` prints the table for docs/api.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field

MEDIA_TYPE = "application/problem+json"
_BUSY = "Too many calls were asked for. Please try again later."


class Problem(Enum):
    """The table: status, title, and the detail where the request adds none; the id is the name.

    The limits share one title and one detail, so that their text says nothing about other people's calls.
    """

    VALIDATION_FAILED = (400, "The request is not valid", "Correct what errors names and send it again.")
    BODY_INVALID = (400, "The body is not JSON", "Send one JSON object as application/json.")
    REQUEST_INVALID = (
        400,
        "Not an HTTP request",
        "Send a request of HTTP/1.1 (RFC 9112) with exactly one Host header.",
    )
    SITE_UNKNOWN = (400, "No such site", "site_key names no site of this server.")
    NUMBER_INVALID = (400, "Not a phone number", "number is no valid phone number of this country.")
    LOGIN_REFUSED = (401, "Agent or password is wrong", "Check both and try again.")
    CODE_REQUIRED = (401, "A code is needed", "Send code too: the six digits of the authenticator app.")
    NOT_LOGGED_IN = (401, "Not logged in", "Log in as an agent first; a session ends after a while.")
    ADMIN_KEY_WRONG = (401, "The admin key is missing or wrong", "Send Authorization: Bearer <admin key>.")
    ADMIN_KEY_LIMITED = (
        403,
        "Not with a customer's key",
        "This concerns the whole server: it needs server.admin_key.",
    )
    ORIGIN_REFUSED = (403, "This page may not ask for calls", "Origin is not one of the site's origins.")
    NUMBER_SHORT = (
        403,
        "Emergency and short numbers are not called",
        "Give a full number, with its area code.",
    )
    NUMBER_TYPE_REFUSED = (
        403,
        "This kind of number is not called",
        "Give a mobile, landline or VoIP number; premium, shared-cost, toll-free and special numbers are "
        "not called.",
    )
    COUNTRY_REFUSED = (403, "This country is not called", "The site does not call numbers of this country.")
    TALK_REFUSED = (403, "Not in this way", "The site does not let shoppers talk by this means.")
    FORM_TOKEN_MISSING = (
        403,
        "The form's token is missing",
        "Get one at /v1/calls/token, and send it as form_token.",
    )
    FORM_TOKEN_INVALID = (
        403,
        "The form's token is not good",
        "It has expired, was used, or is another page's or visitor's: get a new one.",
    )
    SIGNED_MISSING = (
        403,
        "Signed data is missing",
        "This site takes calls only with signed data: send signed.",
    )
    SIGNED_INVALID = (403, "The signed data is not believed", "The token is not one of this site's.")
    SIGNED_EXPIRED = (403, "The signed data is too old", "Send it again with a new token.")
    SIGNED_USED = (403, "The signed data was used before", "A token is good for one call: send a new one.")
    NOT_FOUND = (404, "Nothing here", "There is nothing at this address.")
    CALL_UNKNOWN = (404, "No such call", "There is no call of this id that this token opens.")
    CALLBACK_UNKNOWN = (404, "No such callback", "There is no callback of this call, or of this secret.")
    MESSAGE_UNKNOWN = (404, "No such message", "There is no message of this id; it may have been deleted.")
    AUDIO_MISSING = (404, "The audio is gone", "Its file is not in server.recordings any more.")
    SESSION_UNKNOWN = (404, "No such session", "There is no session of this id; it may have ended.")
    DELIVERY_UNKNOWN = (404, "No such delivery", "There is no delivery of this id.")
    RECEIVER_UNKNOWN = (404, "No such receiver", "No receiver of this URL is held back or disabled.")
    ADMIN_CLOSED = (
        404,
        "The operator's side is closed",
        "Set server.admin_key in the configuration to open it.",
    )
    METHOD_NOT_ALLOWED = (405, "Not with this method", "The Allow header names the methods that work here.")
    HEAD_TIMEOUT = (408, "The headers did not arrive in time", "Send the whole head of the request at once.")
    BODY_TIMEOUT = (408, "The body did not arrive in time", "Send the whole body at once.")
    CONFIG_INVALID = (409, "The new configuration is not valid", "Nothing was changed; see errors.")
    PERSON_IN_CALL = (409, "In a call", "This person is in a call just now: erase them once it is over.")
    BODY_TOO_LARGE = (413, "The body is too large", "A body may have 16 KiB at most.")
    ADDRESS_TOO_LONG = (414, "The address is too long", "A request line may have 8 KiB at most.")
    LIMIT_NUMBER = (429, "Too many calls", _BUSY)
    LIMIT_IP = (429, "Too many calls", _BUSY)
    LIMIT_NUMBERS_PER_IP = (429, "Too many calls", _BUSY)
    LIMIT_SITE = (429, "Too many calls", _BUSY)
    LIMIT_LIVE_CALLS = (429, "Too many calls", _BUSY)
    SPEND_CAP = (
        429,
        "No more calls today",
        "The calls of this day are used up. Please try again tomorrow.",
    )
    LIMIT_REQUESTS = (429, "Too many requests", "This address sent too many requests. Please wait.")
    LIMIT_LOGIN = (429, "Too many passwords", "Too many passwords were tried. Please wait.")
    HEADERS_TOO_LARGE = (
        431,
        "The headers are too large",
        "A request may have 100 header lines and 32 KiB of head at most.",
    )
    TOO_MANY_TRACES = (429, "Too many traces", "Others trace SIP already; end one of theirs first.")
    INTERNAL_ERROR = (500, "Our mistake", "The server failed; its log tells more under this request's id.")
    TOO_MANY_CONNECTIONS = (
        503,
        "Too many connections",
        "This server, or this address, has as many connections as it may; close some, or try again.",
    )
    OUT_OF_CAPACITY = (503, "All lines are busy", "There is no room for another call right now.")
    STORE_UNAVAILABLE = (503, "The database does not answer", "Please try again in a moment.")
    DRAINING = (503, "The server is about to stop", "It takes no new calls; try again shortly.")

    def __new__(cls, status: int, title: str, detail: str) -> Problem:
        """Give each row a value of its own: rows of equal values would be one."""
        row = object.__new__(cls)
        row._value_ = len(cls.__members__) + 1
        return row

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status = status
        self.title = title
        self.detail = detail

    @property
    def id(self) -> str:
        """The stable id, such as ``limit_number``."""
        return self.name.lower()

    @property
    def type(self) -> str:
        """The problem type's URI."""
        return f"urn:ringback:problem:{self.id}"


#: What the connection itself refuses, before there is a request (server/connections.py).
OF_CONNECTIONS = frozenset(
    {
        Problem.REQUEST_INVALID,
        Problem.HEAD_TIMEOUT,
        Problem.ADDRESS_TOO_LONG,
        Problem.HEADERS_TOO_LARGE,
        Problem.TOO_MANY_CONNECTIONS,
    }
)


def _writable(text: str) -> str:
    """The text as UTF-8 can hold it: what repeats a request may have half a character in it."""
    return text.encode(errors="replace").decode()


Writable = Annotated[str, BeforeValidator(_writable)]


class FieldError(BaseModel):
    """One thing that is wrong with the request."""

    path: Writable = Field(description="Where, such as body.context.cart")
    message: Writable


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    type: str = Field(examples=["urn:ringback:problem:number_invalid"])
    title: str
    status: int
    detail: Writable
    id: str = Field(description="Stable id: rely on this one.", examples=["number_invalid"])
    errors: list[FieldError] | None = Field(default=None, description="Only where several things are wrong.")


class RequestError(Exception):
    """The request is refused, and its sender can do something about it.

    ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem.id)
        self.problem = problem
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_after)))

    def response(self) -> JSONResponse:
        """The problem response."""
        details = ProblemDetails(
            type=self.problem.type,
            title=self.problem.title,
            status=self.problem.status,
            detail=self.detail or self.problem.detail,
            id=self.problem.id,
            errors=list(self.errors) or None,
        )
        return JSONResponse(
            details.model_dump(exclude_none=True), self.problem.status, self.headers, media_type=MEDIA_TYPE
        )


def responses(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's account of these problems, for one operation."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        entry = by_status.setdefault(
            problem.status,
            {"description": "", "content": {MEDIA_TYPE: {"schema": {"$ref": _SCHEMA}, "examples": {}}}},
        )
        entry["description"] = ", ".join(filter(None, (entry["description"], problem.id)))
        example = RequestError(problem).response().body
        entry["content"][MEDIA_TYPE]["examples"][problem.id] = {"value": _json(example)}
        if problem.status in (429, 503):
            entry["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return by_status


_SCHEMA = "#/components/schemas/ProblemDetails"


def _json(body: bytes | memoryview) -> Any:
    return json.loads(bytes(body))


def table() -> str:
    """The table of docs/api.md, as Markdown."""
    rows = [f"| `{each.id}` | {each.status} | {each.title} | {each.detail} |" for each in Problem]
    return "\n".join(["| id | status | title | detail |", "| --- | --- | --- | --- |", *rows]) + "\n"


if __name__ == "__main__":
    print(table(), end="")
