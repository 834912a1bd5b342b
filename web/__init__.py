"""The builds that ``make web`` makes and a wheel holds, such as ``dist/agent`` and ``dist/portal``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def built(page: str) -> Path:
    """The folder of a built page, which is missing where nobody has run ``make web``."""
    return Path(str(files(__name__) / "dist" / page))
