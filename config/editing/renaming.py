"""A new name for an item of a section, wherever the settings name it."""

from __future__ import annotations

from config.editing.data import Data
from config.editing.edits import Edit, Rename, Set
from config.layout import ROOT
from config.problems import Loc
from config.shape import texts


def references(data: Data, section: str, name: str) -> list[Loc]:
    """The settings that are this name and mean an item of the section: of a tree as the models take it."""
    return [loc for loc, text, shape in texts(data, ROOT) if text == name and section in shape.names]


def rename_everywhere(section: str, name: str, key: str, where: list[Loc]) -> list[Edit]:
    """Edits that give an item another name, and those settings with it."""
    return [*(Set(each, key, "all") for each in where), Rename((section, name), key, "all")]
