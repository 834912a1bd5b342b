"""What a page or a token passes of a shopper: nested JSON becomes flat texts that fit the site's settings.

Pure. What cannot be passed at all is refused whatever the settings: other keys than those of a field, line
breaks and control characters, numbers that no double holds, too much of everything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.problems import FieldError, Problem, RequestError
from config.sections.data_pass import DataField, DataPass

#: Fields of one call at most, how deep they may be nested, and the longest text.
MOST_FIELDS, DEEPEST, LONGEST = 64, 8, 512
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
#: Control characters, line and paragraph separators, and halves of characters.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_LARGEST = 2**53


def passed(data: Mapping[str, Any], settings: DataPass, where: str) -> dict[str, str]:
    """The fields by their flat keys, as texts; :class:`RequestError` with everything that is refused.

    ``{"cart": {"items": [{"sku": "B7"}]}}`` becomes ``cart.items.0.sku``; null is nothing. True and false are
    as JSON writes them. ``where`` is the place of the data in the request, for the errors.
    """
    found: dict[str, str] = {}
    errors: list[FieldError] = []
    for key, value in _flat(data):
        try:
            text = _kept(key, value, settings)
        except ValueError as error:
            errors.append(FieldError(path=f"{where}.{key}"[:200], message=str(error)))
            continue
        if text is not None:
            found[key] = text
        if len(found) > MOST_FIELDS:
            errors.append(FieldError(path=where, message=f"more than {MOST_FIELDS} fields"))
            break
    size = sum(len(key.encode()) + len(text.encode()) for key, text in found.items())
    if not errors and size > settings.most_bytes:
        errors.append(FieldError(path=where, message=f"more than {settings.most_bytes} bytes"))
    if errors:
        raise RequestError(Problem.VALIDATION_FAILED, errors=errors[:20])
    return found


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value that holds no others, with its path; what is nested too deep is its own value."""
    waiting: list[Iterator[tuple[str, Any, int]]] = [
        iter([(str(key), value, 1) for key, value in data.items()])
    ]
    while waiting:
        for key, value, depth in waiting[-1]:
            if isinstance(value, Mapping | list) and depth < DEEPEST:
                inner = value.items() if isinstance(value, Mapping) else enumerate(value)
                waiting.append(iter([(f"{key}.{name}", each, depth + 1) for name, each in inner]))
                break
            yield key, value
        else:
            waiting.pop()


def _kept(key: str, value: Any, settings: DataPass) -> str | None:
    """The text that is kept of a value; None for nothing, ValueError where the call is refused."""
    text = _text(key, value)
    field = settings.field_of(key)
    if field is not None and text is not None:
        return _fitting(text, field, settings)
    if field is None and settings.unknown_fields == "refuse":
        raise ValueError("this site knows no such field")
    return None if field is None and settings.unknown_fields == "drop" else text


def _text(key: str, value: Any) -> str | None:
    """The value as text, None for null; ValueError for what nobody may pass."""
    if not _KEY.fullmatch(key):
        raise ValueError("a key may have 64 letters, digits, dots, - and _")
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int() if abs(value) <= _LARGEST:
            return str(value)
        case float() if math.isfinite(value):
            return str(value)
        case str() if len(value) > LONGEST:
            raise ValueError(f"longer than {LONGEST} characters")
        case str() if _UNFIT.search(value):
            raise ValueError("line breaks and control characters cannot be passed")
        case str():
            return value
        case list() | dict():
            raise ValueError(f"nested more than {DEEPEST} deep")
    raise ValueError("too large a number")


def _fitting(text: str, field: DataField, settings: DataPass) -> str | None:
    """The text as its field takes it; None where it is dropped, ValueError where the call is refused."""
    if field.type == "text" and len(text) > field.most_characters:
        if settings.mistyped_fields == "drop":
            return text[: field.most_characters]
        raise ValueError(f"longer than {field.most_characters} characters")
    form = _FORMS.get(field.type)
    if form is None or form.fullmatch(text):
        return text
    if settings.mistyped_fields == "drop":
        return None
    raise ValueError(f"not a {field.type}")


_FORMS = {"number": _NUMBER, "truth": re.compile("true|false")}
