"""Reading of whole text files, within bounds: what is wrong becomes a problem with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from config.problems import START, ConfigError, ConfigProblem, Position

#: Texts that are read in place of what files hold, by the files' resolved paths.
_UNSAVED: ContextVar[Mapping[Path, str]] = ContextVar("unsaved", default={})  # noqa: B039 - nobody writes in it
_LINE_END = re.compile(r"\r\n|\r|\n")


@contextmanager
def unsaved(texts: Mapping[Path, str]) -> Iterator[None]:
    """While this lasts, :func:`read_text` reads these texts in place of what the files hold."""
    token = _UNSAVED.set({file.resolve(): text for file, text in texts.items()})
    try:
        yield
    finally:
        _UNSAVED.reset(token)


def read_text(file: Path, most_bytes: int, save_as: str = "UTF-8") -> str:
    """The text of a file in UTF-8, with or without a byte order mark; :class:`ConfigError`.

    ``save_as`` is what programs that save such files call this encoding.
    """
    if (drafts := _UNSAVED.get()) and (text := drafts.get(file.resolve())) is not None:
        refuse_size(file, len(text.encode(errors="surrogatepass")), most_bytes)
        return text
    try:
        if not file.is_file():
            what = "this is not a file" if file.exists() else "no such file: check the path"
            raise ConfigError(file, [ConfigProblem(START, "", what)])
        with file.open("rb") as stream:
            raw = stream.read(most_bytes + 1)
    except OSError as error:
        text = f"cannot read the file ({error.strerror}): check its path and permissions"
        raise ConfigError(file, [ConfigProblem(START, "", text)]) from error
    refuse_size(file, len(raw), most_bytes)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        place = place_after(before)
    raise ConfigError(file, [ConfigProblem(place, "", f"the file is not UTF-8 text: save it as {save_as}")])


def refuse_size(file: Path, size: int, most_bytes: int) -> None:
    """:class:`ConfigError` where a file, or the text that is to become one, is too large."""
    if size > most_bytes:
        text = f"the file is larger than {most_bytes // 1024 // 1024} MiB: is this the right file?"
        raise ConfigError(file, [ConfigProblem(START, "", text)])


def place_after(before: str) -> Position:
    """The place of the character that follows this beginning of a file."""
    lines = _LINE_END.split(before)
    return Position(len(lines), len(lines[-1]) + 1)
