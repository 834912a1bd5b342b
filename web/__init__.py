"""The builds that ``make web`` makes and a wheel holds: ``dist/agent``, ``dist/demo-shop``, ``dist/page``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def built(page: str) -> Path:
    """The folder of a built page, which is missing where nobody has run ``make web``."""
    return Path(str(files(__name__) / "dist" / page))
