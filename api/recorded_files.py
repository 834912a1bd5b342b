"""Files in the folder of recordings: the only ones that are sent."""

from __future__ import annotations

from pathlib import Path

from config.models import Config


def recorded_file(config: Config, path: str) -> Path | None:
    """A file that a row names; None for a path that leads out of the folder of recordings."""
    file = Path(path).resolve()
    folder = config.server.recordings.resolve()
    return file if file.is_relative_to(folder) and file != folder else None
