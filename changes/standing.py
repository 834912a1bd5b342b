"""How the files stand: what they hold, an operator's draft of them, and what others did to them in words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from changes.beside import BesideFile, beside_words
from changes.drafts import tree_of
from changes.files import read_file
from changes.records import KeptDraft, Texts
from changes.words import in_words
from config.problems import ConfigError
from routing.load import LoadedRoutes


@dataclass(frozen=True, slots=True)
class DraftStanding:
    """The files on disk, and an operator's draft of them."""

    paths: Mapping[str, Path]
    main: str
    disk: Texts
    draft: KeptDraft | None
    #: Those of the paths that are no settings: what names them.
    beside: Mapping[str, BesideFile]

    @property
    def mine(self) -> dict[str, str]:
        """What the operator would see: the draft's texts, else those on disk."""
        return {**self.disk, **(self.draft.mine if self.draft else {})}

    @property
    def behind(self) -> bool:
        """Whether a file that the draft changes was changed on disk since."""
        draft = self.draft
        return draft is not None and any(self.disk.get(name) != text for name, text in draft.base.items())


def paths_of(loaded: LoadedRoutes) -> dict[str, Path]:
    """The settings files by their names: paths from the config file's folder."""
    main = loaded.file.absolute()
    found = {main.name: main}
    for part in loaded.parts.values():
        for source in part.sources:
            path = Path(source.root.place.file).absolute()
            found[Path(os.path.relpath(path, main.parent)).as_posix()] = path
    return found


def read_all(paths: Mapping[str, Path]) -> dict[str, str]:
    """What the files hold; :class:`config.problems.ConfigError`."""
    return {name: read_file(path).text for name, path in paths.items()}


def sentences_of(
    paths: Mapping[str, Path], main: str, before: Texts, after: Texts, beside: Mapping[str, BesideFile]
) -> tuple[str, ...]:
    """What changes from some texts to others."""
    try:
        old, new = (tree_of(paths[main], paths, texts)[1] for texts in (before, after))
    except ConfigError as error:
        return (f"The files have mistakes: {error.problems[0].text}",)
    told = [sentence for _, sentence in beside_words(beside, before, after)]
    return tuple(sentence.text for sentence in [*in_words(old, new), *told])
