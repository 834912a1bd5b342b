"""The shape of the whole config file."""

from __future__ import annotations

from config.models import Config
from config.problems import Loc
from config.shape import Shape

ROOT: Shape = Shape("model", model=Config)


def shape_at(loc: Loc, root: Shape = ROOT) -> Shape | None:
    """The shape of the setting at ``loc``, below ``root``; None where no setting may stand."""
    shape: Shape | None = root
    for step in loc:
        if shape is None:
            return None
        shape = shape.child(step)
    return shape
