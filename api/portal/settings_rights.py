"""Which sections of the settings an operator may change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.portal_door import PortalUser
from config.sections.operators import OperatorRight
from config.sections.portal import EditableSection

#: The right that opens a section beside ``edit``, which opens all of them but agents.
_OWN_RIGHT: Mapping[EditableSection, OperatorRight] = {
    "hours": "hours",
    "prompts": "texts",
    "canned": "texts",
    "answers": "texts",
    "agents": "agents",
}


def may_change(user: PortalUser, sections: Iterable[EditableSection]) -> list[EditableSection]:
    """The sections, of those that the portal has, that an operator may change."""
    return [
        section
        for section in sections
        if (section in _OWN_RIGHT and user.may(_OWN_RIGHT[section]))
        or (section != "agents" and user.may("edit"))
    ]


def section_of(at: list[str | int]) -> str:
    """The section that a setting belongs to, as the portal calls it."""
    if len(at) >= 3 and at[0] == "sites" and at[2] in ("engage", "answers"):
        return str(at[2])
    return str(at[0]) if at else ""
