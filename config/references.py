"""Names that point at other sections: each must exist, and an item that nothing points at is doubtful."""

from __future__ import annotations

from collections.abc import Mapping

from config.base import AGENT
from config.draft import Draft
from config.problems import Loc, shorten, suggest
from config.section import Section
from config.shape import Shape, texts


def check_references(draft: Draft, root: Shape, sections: Mapping[str, Section]) -> None:
    """Problems for names that lead nowhere, warnings for items that nothing names.

    Which settings are names is marked in their annotations (:class:`config.marks.NameOf`).
    """
    used = {name: set(section.in_use(draft)) for name, section in sections.items()}
    for loc, name, shape in texts(draft.tree, root):
        found = _found(draft, loc, name, shape.names) if shape.names else None
        if found and sections[str(loc[0])].uses:
            used[found].add(name.removeprefix(AGENT).partition("/")[0])
    for section, names in used.items():
        if text := sections[section].unused:
            for name in draft.named(section):
                if name not in names:
                    draft.idle(section, name, text.format(name=name))


def _found(draft: Draft, loc: Loc, name: str, sections: tuple[str, ...]) -> str | None:
    """The section that has an item of this name; None, and a problem, where none has."""
    if len(sections) > 1:
        return _somebody(draft, loc, name)
    return sections[0] if draft.must_exist(loc, name, sections[0]) else None


def _somebody(draft: Draft, loc: Loc, name: str) -> str | None:
    """The section of a destination, an agent, a store table or a row of one."""
    agents = draft.named("agents")
    if name.startswith(AGENT):
        return "agents" if draft.must_exist(loc, name.removeprefix(AGENT), "agents") else None
    table, slash, _ = name.partition("/")
    destinations, stores = draft.named("destinations"), draft.named("stores")
    if table in stores:
        return "stores"
    if slash:
        draft.must_exist(loc, table, "stores")
        return None
    if table in destinations:
        return "destinations"
    if name in agents:
        tip = f'the agent is called "{AGENT}{name}"'
    else:
        known = [*destinations, *stores, *(f"{AGENT}{agent}" for agent in agents)]
        tip = suggest(name, known, "destinations")
    draft.wrong(loc, f'there is no destination called "{shorten(name)}": {tip}')
    return None
