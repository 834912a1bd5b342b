"""What all messages have in common, and how a page's text becomes one: parsed once, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from bridge.causes import Word
from webrtc.signalling import LONGEST_MESSAGE

#: Version 2; a page offers it as a subprotocol (RFC 6455 section 1.9).
SUBPROTOCOL = "ringback.v2"
#: The longest name that a message gives for a leg or a call.
LONGEST_NAME = 200
#: The most that a refusal says of what is wrong with a message.
_LONGEST_DETAIL = 200

CallId = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
LegId = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class FromPage(BaseModel):
    """Something that a page says. It has the declared fields, of the declared kinds, and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: str


class FromServer(BaseModel):
    """Something that the server tells a page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str


class RefusalReason(Word):
    """Why the server did not do what a page asked for."""

    NOT_UNDERSTOOD = (
        "not_understood",
        "not a message: a field is missing, too long or undeclared, or has a value that it cannot have",
    )
    UNKNOWN_TYPE = ("unknown_type", "this socket has no message of that type")
    NOT_YOURS = ("not_yours", "no such call, or not this agent's")
    NOT_NOW = ("not_now", "the call is not in a state for it: nobody is consulted, for example")
    TARGET_UNKNOWN = ("target_unknown", "`to` is nothing that this desk transfers to")
    NUMBER_REFUSED = (
        "number_refused",
        "not a valid number, or of a kind or a country that the site does not call",
    )
    NOBODY_THERE = ("nobody_there", "the target is closed, busy or away now")
    PAGE_UNKNOWN = ("page_unknown", "no such page in the catalogue of the call's site")
    PAGE_REFUSED = ("page_refused", "a URL whose origin is not allowed, or page push is off")
    CODE_UNKNOWN = ("code_unknown", "not one of `desk.codes`")
    NOT_KEPT = ("not_kept", "the database failed: send it again")
    TOO_FAST = ("too_fast", "more entries than a chat takes at once: send it again in a moment")
    TOO_LONG = ("too_long", "longer than entries of this site may be")
    GAP = ("gap", "a canned reply with a gap that was not filled")
    CHAT_OVER = ("chat_over", "the chat has ended, and does not open again")


class Refused(FromServer):
    """The server did nothing about a message."""

    type: Literal["refused"] = "refused"
    request: str | None = Field(description="the `type` that the page sent; null if it had none")
    call_id: str | None = Field(default=None, description="the call that the message named, if any")
    leg: str | None = Field(default=None, description="the leg that the message named, if any")
    chat_id: str | None = Field(default=None, description="the chat that the message named, if any")
    key: str | None = Field(default=None, description="the key of the entry, if it had one")
    reason: RefusalReason = Field(description="why: [the reasons](desk.md#messages-on-the-agents-websocket)")
    detail: str = Field(default="", description="what is wrong with the message, for developers")


class NotUnderstoodError(Exception):
    """A page said something that is no message of its socket; ``refused`` is what to tell the page."""

    def __init__(self, refused: Refused, said: Mapping[str, Any]) -> None:
        super().__init__(refused.detail)
        self.refused = refused
        #: What could be read of it.
        self.said = said


P = TypeVar("P")


class Table(Generic[P]):
    """What one kind of page may say: for each message its model, and what handles it.

    A handler takes the page that speaks and the message.
    """

    def __init__(
        self, *rows: tuple[type[FromPage], Callable[[P, Any], Any]], longest: int = LONGEST_MESSAGE
    ) -> None:
        self._longest = longest
        self._rows = {type_of(model): (model, handler) for model, handler in rows}
        assert len(self._rows) == len(rows), "two messages of one type"  # noqa: S101 - a table of ours

    @property
    def models(self) -> tuple[type[FromPage], ...]:
        """Every message of the table, in its order."""
        return tuple(model for model, _ in self._rows.values())

    def hear(self, page: P, text: str) -> FromPage:
        """Read a text and have it handled; :class:`NotUnderstoodError` for what is no message."""
        message, handler = self.read(text)
        handler(page, message)
        return message

    def read(self, text: str) -> tuple[FromPage, Callable[[P, Any], Any]]:
        """The message, and what handles it; :class:`NotUnderstoodError` for what is none."""
        said = _parsed(text, self._longest)
        kind = said.get("type")
        if not isinstance(kind, str):
            raise _not_understood(said, RefusalReason.NOT_UNDERSTOOD, "send a JSON object with a type")
        if kind not in self._rows:
            raise _not_understood(said, RefusalReason.UNKNOWN_TYPE, "")
        model, handler = self._rows[kind]
        try:
            return model.model_validate(said), handler
        except ValidationError as error:
            raise _not_understood(said, RefusalReason.NOT_UNDERSTOOD, _in_words(error)) from None


def type_of(model: type[FromPage | FromServer]) -> str:
    """The ``type`` of a message."""
    values = get_args(model.model_fields["type"].annotation)
    return str(values[0]) if values else str(model.model_fields["type"].default)


def _parsed(text: str, longest: int) -> Mapping[str, Any]:
    """The JSON object, or an empty one for anything else."""
    if len(text) > longest:
        return {}
    try:
        said = from_json(text, allow_inf_nan=False)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _not_understood(said: Mapping[str, Any], reason: RefusalReason, detail: str) -> NotUnderstoodError:
    names = {key: _name(said.get(key)) for key in ("call_id", "leg", "chat_id", "key")}
    refused = Refused(
        request=_name(said.get("type")), **names, reason=reason, detail=detail[:_LONGEST_DETAIL]
    )
    return NotUnderstoodError(refused, said)


def _name(value: object) -> str | None:
    """A name that a page gave, to be told it again."""
    return value if isinstance(value, str) and len(value) <= LONGEST_NAME else None


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"
