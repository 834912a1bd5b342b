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

    VALIDATION_FAILED = (
        400,
        "The request is not valid",
        "Correct the fields that errors lists, then send the request again.",
    )
    BODY_INVALID = (
        400,
        "The body is not valid JSON",
        "Send one JSON object with Content-Type: application/json.",
    )
    REQUEST_INVALID = (
        400,
        "The request is not valid HTTP",
        "Send an HTTP/1.1 request (RFC 9112) with exactly one Host header.",
    )
    SITE_UNKNOWN = (400, "Unknown site", "No site of this server has this site_key.")
    NUMBER_INVALID = (400, "Invalid phone number", "The number is not valid in this country.")
    LOGIN_REFUSED = (401, "Wrong name or password", "Check both, then try again.")
    CODE_REQUIRED = (
        401,
        "A code is required",
        "Also send code: the six digits that the authenticator app shows.",
    )
    NOT_LOGGED_IN = (401, "Not logged in", "Log in. Sessions expire.")
    RIGHT_MISSING = (
        403,
        "You do not have the right to do this",
        "Ask whoever edits operators in the config file for the right that this needs.",
    )
    ADMIN_KEY_WRONG = (401, "The admin key is missing or wrong", "Send Authorization: Bearer <admin key>.")
    ADMIN_KEY_LIMITED = (
        403,
        "A customer's key is not enough",
        "This affects the whole server. Use server.admin_key.",
    )
    ORIGIN_REFUSED = (
        403,
        "This page may not ask for calls",
        "The Origin header is not one of the site's origins.",
    )
    NUMBER_SHORT = (
        403,
        "Emergency and short numbers cannot be called",
        "Give a full number with its area code.",
    )
    NUMBER_TYPE_REFUSED = (
        403,
        "This type of number cannot be called",
        "Give a mobile, landline or VoIP number. Premium-rate, shared-cost, toll-free and special numbers "
        "cannot be called.",
    )
    COUNTRY_REFUSED = (
        403,
        "This country cannot be called",
        "This site does not call numbers in this country.",
    )
    TALK_REFUSED = (
        403,
        "This way to talk is not available",
        "This site does not offer the way to talk that by asks for.",
    )
    TRANSCRIPT_OFF = (
        403,
        "This site gives no transcripts",
        "Shoppers of this site cannot save what was said in a chat, nor have it mailed.",
    )
    CHAT_OFF = (
        403,
        "This site has no chat",
        "Shoppers of this site do not chat. They may be able to call.",
    )
    LEAD_FORMS_OFF = (
        403,
        "This site takes no forms",
        "Shoppers of this site leave no leads by forms. They may be able to call or to chat.",
    )
    VIEWS_OFF = (
        403,
        "This site has no shared views",
        "Agents of this site do not look at shoppers' pages.",
    )
    VIEWS_FULL = (
        503,
        "Too many shared views",
        "More shoppers share their pages than this server serves: try again later.",
    )
    MAIL_OFF = (
        403,
        "This server sends no mail",
        "The transcript can be saved. It cannot be mailed.",
    )
    FORM_TOKEN_MISSING = (
        403,
        "The form token is missing",
        "Get a token from /v1/calls/token and send it as form_token.",
    )
    FORM_TOKEN_INVALID = (
        403,
        "The form token is not valid",
        "The token has expired, was already used, or belongs to another page or visitor. Get a new one.",
    )
    PROOF_MISSING = (
        403,
        "A proof of work is missing",
        "Get a challenge from /v1/page/challenge, solve it, and send the solution as proof.",
    )
    PROOF_INVALID = (
        403,
        "The proof of work is not valid",
        "It has expired, was already used, is too easy by now, or belongs to another page. Solve a new "
        "challenge.",
    )
    SIGNED_MISSING = (
        403,
        "Signed data is missing",
        "This site only takes calls with signed data. Send signed.",
    )
    SIGNED_INVALID = (403, "The signed data is not valid", "The token was not signed for this site.")
    SIGNED_EXPIRED = (403, "The signed data has expired", "Ask for the call again with a new token.")
    SIGNED_USED = (
        403,
        "The signed data was already used",
        "Each token is good for one call. Send a new one.",
    )
    NOT_FOUND = (404, "Not found", "There is nothing at this address.")
    KIOSK_UNKNOWN = (404, "Unknown link", "No link to the wallboard has this id, or it is over.")
    TOO_MANY_LINKS = (
        409,
        "Too many links to the wallboard",
        "End those that no screen needs any more, then make a new one.",
    )
    TALK_UNKNOWN = (
        404,
        "Unknown call or chat",
        "No call or chat that has ended has this id, or it is not kept any more.",
    )
    CALL_UNKNOWN = (404, "Call not found", "There is no call with this id that this token opens.")
    CHAT_UNKNOWN = (404, "Chat not found", "There is no chat with this id that this token opens.")
    CALLBACK_UNKNOWN = (404, "Callback not found", "There is no callback for this call or secret.")
    LEAD_UNKNOWN = (404, "Unknown lead", "No lead of yours has this id; it may have been erased.")
    RECORDING_UNKNOWN = (
        404,
        "Recording not found",
        "There is no complete recording with this id. It may have been deleted.",
    )
    MESSAGE_UNKNOWN = (
        404,
        "Message not found",
        "There is no message with this id. It may have been deleted.",
    )
    AUDIO_MISSING = (404, "The audio file is missing", "The file is no longer in the folder of recordings.")
    SESSION_UNKNOWN = (404, "Session not found", "There is no session with this id. It may have ended.")
    DELIVERY_UNKNOWN = (404, "Delivery not found", "There is no delivery with this id.")
    RECEIVER_UNKNOWN = (404, "Receiver not found", "No receiver with this URL is held back or disabled.")
    ADMIN_CLOSED = (
        404,
        "The operator API is off",
        "Set server.admin_key_file in the config file to turn it on.",
    )
    EXPLAIN_OFF = (
        404,
        "Explanations are off",
        "Set page.explain of the site to true while you try its rules.",
    )
    METHOD_NOT_ALLOWED = (405, "Method not allowed", "The Allow header lists the methods for this address.")
    HEAD_TIMEOUT = (408, "The headers arrived too slowly", "Send all headers at once.")
    BODY_TIMEOUT = (408, "The body arrived too slowly", "Send the whole body at once.")
    CONFIG_INVALID = (409, "The new configuration is not valid", "Nothing was changed. See errors.")
    DRAFT_STALE = (
        412,
        "The draft has changed",
        "You changed it in another window. Load it again: what is typed here is still here.",
    )
    DRAFT_CONFLICT = (
        409,
        "Somebody else changed the same settings",
        "Nothing was changed. Choose for each of them which value holds.",
    )
    DRAFT_EMPTY = (409, "There is nothing to apply", "The draft says what is in force.")
    EDIT_REFUSED = (409, "This cannot be changed so", "Nothing was changed. See errors, or edit the text.")
    EDIT_SHARED = (
        409,
        "Several places use this setting",
        "Send shared: all to change every place in errors, or here to change this one.",
    )
    TESTS_FAIL = (409, "Tests of the routes fail", "Nothing was changed. See errors, or apply despite them.")
    SPEECH_FAILED = (502, "The voice did not speak", "See detail; the server may lack espeak-ng.")
    AGENTS_RETURN = (
        409,
        "This would bring agents back",
        "Nothing was changed. Their old passwords would be good again: send agents_return if you mean that.",
    )
    FILE_UNKNOWN = (404, "There is no such settings file", "The settings list the files that there are.")
    CHANGE_UNKNOWN = (404, "There is no such change", "The list of changes has those that there are.")
    FILES_NOT_WRITTEN = (507, "The files could not be written", "Nothing was changed. See detail.")
    CHAT_OPEN = (409, "There is a chat already", "This visitor has a chat that is open. Go on with that one.")
    LEAD_OVER = (
        409,
        "This lead is closed",
        "Somebody has closed it, or the customer was served. Reload the list.",
    )
    LEAD_TAKEN = (409, "A colleague has this lead", "They took it first. Take another, or ask them.")
    LEAD_NO_NUMBER = (409, "There is no number to call", "Nobody knows a number of theirs that we may call.")
    LEAD_NO_PHONE = (
        409,
        "No phone of yours can ring",
        "Log in, or see that your phone is free, then try again.",
    )
    CHAT_CALLED = (409, "No call for this chat now", "The chat has ended, or has a call already.")
    PERSON_IN_CALL = (409, "This person is in a call", "Erase their data when the call has ended.")
    BODY_TOO_LARGE = (413, "The body is too large", "A body can have at most 16 KiB.")
    ADDRESS_TOO_LONG = (414, "The address is too long", "A request line can have at most 8 KiB.")
    LIMIT_NUMBER = (429, "Too many calls", _BUSY)
    LIMIT_IP = (429, "Too many calls", _BUSY)
    LIMIT_NUMBERS_PER_IP = (429, "Too many calls", _BUSY)
    LIMIT_VISITOR = (429, "Too many calls", _BUSY)
    LIMIT_NUMBERS_PER_VISITOR = (429, "Too many calls", _BUSY)
    LIMIT_SITE = (429, "Too many calls", _BUSY)
    LIMIT_LIVE_CALLS = (429, "Too many calls", _BUSY)
    SPEND_CAP = (429, "No more calls today", "Today's calls are used up. Please try again tomorrow.")
    LIMIT_CHATS = (
        429,
        "Too many chats",
        "Many chats were begun here lately. Please call us instead, or try again later.",
    )
    LIMIT_LEADS = (
        429,
        "Too many forms",
        "Many forms were sent from here lately. Please call us instead, or try again later.",
    )
    TIME_GONE = (409, "This time is not free any more", "Please choose another one.")
    LIMIT_SITE_LEADS = (
        429,
        "Too many forms",
        "Very many forms were sent to us lately. Please call us instead, or try again later.",
    )
    LIMIT_REQUESTS = (
        429,
        "Too many requests",
        "This address has sent too many requests. Please wait, then try again.",
    )
    LIMIT_LOGIN = (
        429,
        "Too many attempts to log in",
        "Too many wrong passwords. Please wait, then try again.",
    )
    HEADERS_TOO_LARGE = (
        431,
        "The headers are too large",
        "A request can have at most 100 header lines and 32 KiB of headers.",
    )
    TOO_MANY_TRACES = (429, "Too many traces", "Other traces are running. End one first.")
    INTERNAL_ERROR = (
        500,
        "Server error",
        "The server failed to handle the request. Its log has the details under this request's id.",
    )
    TOO_MANY_CONNECTIONS = (
        503,
        "Too many connections",
        "This server or this address has reached its limit of connections. Close some, or try again later.",
    )
    OUT_OF_CAPACITY = (
        503,
        "All lines are busy",
        "There is no capacity for another call right now. Please try again shortly.",
    )
    STORE_UNAVAILABLE = (503, "The database does not answer", "Please try again in a moment.")
    DRAINING = (503, "The server is shutting down", "It takes no new calls. Please try again shortly.")

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
