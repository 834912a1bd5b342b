"""From nodes to the plain tree that the models validate: texts, numbers, paths and secrets.

A setting that takes text gets what was written, so ``username: 0042`` keeps its zeros. A relative path
counts from the config file's folder. A secret comes from a file or the environment, never from the YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Environment
from pathlib import Path
from typing import Any

from config.checks.files import readable_by_everybody
from config.fields import NO_SECRET
from config.layout import ROOT
from config.problems import ConfigProblem, Loc, write_loc
from config.shape import Shape, secrets_of
from config.source import Mapping, Node, Scalar, Source

LARGEST_SECRET = 4096
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_FRACTION = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}", re.ASCII)
#: Plain words of YAML 1.2's core schema: ``no`` and ``NO`` are texts, as Norway would wish.
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def resolve(
    source: Source, environment: Environment[str, str], root: Shape = ROOT
) -> tuple[Any, list[ConfigProblem]]:
    """The tree as JSON-like data, and what of it could not be had. The tree holds secrets: never print it.

    ``root`` is what the file takes; without it, the settings.
    """
    resolver = _Resolver(source, environment)
    return resolver.value(source.root, root, ()), resolver.problems


class _Resolver:
    def __init__(self, source: Source, environment: Environment[str, str]) -> None:
        self.problems: list[ConfigProblem] = []
        self._source = source
        self._folder = source.file.parent.absolute()
        self._environment = environment

    def value(self, node: Node, shape: Shape | None, loc: Loc) -> Any:
        """What the models get for ``node``."""
        if isinstance(node, Scalar):
            return self._scalar(node, shape)
        if isinstance(node, Mapping):
            tree: dict[str, Any] = {}
            entries = node.entries
            if shape and shape.model:
                entries = dict(entries)
                for name in secrets_of(shape.model):
                    if (secret := self._secret(entries, name, loc)) is not None:
                        tree[name] = secret
            for key, entry in entries.items():
                tree[key] = self.value(entry, shape.child(key) if shape else None, (*loc, key))
            return tree
        return [
            self.value(item, shape.child(index) if shape else None, (*loc, index))
            for index, item in enumerate(node.items)
        ]

    def _scalar(self, node: Scalar, shape: Shape | None) -> Any:
        if not node.quoted and _WORDS.get(node.text, 0) is None:
            return None
        if shape and shape.kind in ("text", "choice"):
            return node.text
        if shape and shape.kind == "path":
            if "://" in node.text:
                return node.text  # the address of a server
            # An empty path would be the folder itself: null is refused as empty.
            return str(self._folder_of(node) / node.text) if node.text else None
        return node.text if node.quoted else plain(node.text)

    def _folder_of(self, node: Node) -> Path:
        """The folder of the file that the node stands in."""
        return Path(node.place.file).parent.absolute() if node.place.file else self._folder

    def _secret(self, entries: dict[str, Node], name: str, loc: Loc) -> str | None:
        """Take the secret's keys out of ``entries``; its value, or None where none is given."""
        from_file, from_env = f"{name}_file", f"{name}_env"
        given = [key for key in (name, from_file, from_env) if key in entries]
        nodes = {key: entries.pop(key) for key in given}
        given = [key for key in given if not _is_null(nodes[key])]
        if not given:
            return None
        if name in given:
            self._tell(
                (*loc, name),
                f"a secret must not be in this file: save it in a file of its own and give the path as "
                f'"{from_file}", or put it into an environment variable and give its name as "{from_env}"',
            )
            return NO_SECRET
        if len(given) > 1:
            self._tell((*loc, given[-1]), f'give either "{from_file}" or "{from_env}", not both')
            return NO_SECRET
        node, here = nodes[given[0]], (*loc, given[0])
        if not isinstance(node, Scalar) or not node.text:
            what = "the path of a file" if given[0] == from_file else "the name of an environment variable"
            self._tell(here, f"write {what}")
            return NO_SECRET
        folder = self._folder_of(node)
        secret = (
            self._read(folder, node.text, here) if given[0] == from_file else self._lookup(node.text, here)
        )
        if secret is None:
            return NO_SECRET
        if not secret.isprintable():
            self._tell(here, "the secret must be one line of printable characters, in UTF-8")
            return NO_SECRET
        return secret

    def _read(self, folder: Path, written: str, here: Loc) -> str | None:
        # No message shows the path: it may be the secret itself, put in the wrong place.
        path = folder / written
        raw = b""
        try:
            if not path.is_file():
                problem = f"no such file: relative paths start at {folder}"
            elif readable_by_everybody(path):
                problem = "every user of this machine can read this file: chmod o-r it"
            else:
                with path.open("rb") as stream:
                    raw = stream.read(LARGEST_SECRET + 1)
                problem = "" if raw.strip() else "this file is empty: write the secret into it"
                if len(raw) > LARGEST_SECRET:
                    problem = f"this file is larger than {LARGEST_SECRET} bytes: is it the right one?"
        except OSError as error:
            problem = f"cannot read this file ({error.strerror}): check its owner and permissions"
        if problem:
            self._tell(here, problem)
            return None
        # What is not UTF-8 becomes a character that is not printable, and is refused as such.
        return raw.decode("utf-8", errors="surrogateescape").rstrip("\r\n")

    def _lookup(self, name: str, here: Loc) -> str | None:
        secret = self._environment.get(name, "")
        if not secret:
            # The name is shown in the file, not here: it may be a password, put in the wrong place.
            self._tell(
                here, "this environment variable is not set, or empty: set it where Ringback is started"
            )
            return None
        return secret

    def _tell(self, loc: Loc, text: str) -> None:
        self.problems.append(ConfigProblem(self._source.value_place(loc), write_loc(loc), text))


def plain(text: str) -> str | int | float | bool | None:
    """What a value without quotes says, where the setting's kind is not known."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.quoted and _WORDS.get(node.text, 0) is None
