"""What a section of the config file brings along, besides its model.

A section is one file in :mod:`config.sections` with its model, its checks and a ``Section``, and one line in
:class:`config.models.Config`, which names both. The rest follows: the entry in ``docs/configuration.md``, the
JSON schema, the checks at load, and, from the marks of its annotations (:mod:`config.marks`), the checks that
names exist and that durations make sense.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from config.draft import Draft

UNUSED = "nothing uses this: name it somewhere, or remove it"


def _nothing(draft: Draft) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Section:
    """How one section is checked, and what messages call its items."""

    #: Each gets the whole draft, and notes what is wrong with this section.
    checks: tuple[Callable[[Draft], None], ...] = ()
    #: What one item is called, and several; without these, the section's name tells.
    one: str = ""
    many: str = ""
    #: The warning for an item that no setting names, with ``{name}``; empty where items need no user.
    unused: str = ""
    #: Items that are in use whether a setting names them or not.
    in_use: Callable[[Draft], Collection[str]] = _nothing
    #: Whether what this section names is in use because of that.
    uses: bool = True
