"""A flow's state as JSON-like data and back: what the store keeps beside the chat."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from chat.flow import FlowState
from config.sections.flows import MOST_QUESTIONS

#: The questions of a flow, and what a way asks for besides.
_MOST_ANSWERS = MOST_QUESTIONS + 3
_LONGEST_VALUE = 400
_ADAPTER = TypeAdapter(FlowState)


class FlowMemoryError(ValueError):
    """The data is no state of a flow."""


def as_data(state: FlowState) -> dict[str, Any]:
    """The state as plain data."""
    data: dict[str, Any] = _ADAPTER.dump_python(state, mode="json")
    return data


def state_of(data: object) -> FlowState:
    """The state that :func:`as_data` wrote; :class:`FlowMemoryError` for anything else."""
    try:
        state = _ADAPTER.validate_python(data)
    except ValidationError as error:
        raise FlowMemoryError(f"{error.error_count()} mistakes") from None
    values = [value for answer in state.answers for value in (answer.key, answer.value)]
    if len(state.answers) > _MOST_ANSWERS or any(len(value) > _LONGEST_VALUE for value in values):
        raise FlowMemoryError("larger than any flow's state")
    return state
