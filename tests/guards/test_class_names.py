"""One word, one thing: no two classes have the same name, so a name says everywhere which class it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Packages whose class names count: every one but the tests, which may repeat names.
PACKAGES = sorted({file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests"})


def _sources() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in file.parts:
                yield file.relative_to(ROOT).as_posix(), file.read_text()


def _class_names(source: str) -> Iterator[str]:
    """The public ones, wherever in the file they are defined."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def _repeated(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Each name that several classes have, with the files that define them."""
    files: dict[str, list[str]] = {}
    for file, source in sources.items():
        for name in _class_names(source):
            files.setdefault(name, []).append(file)
    return {name: where for name, where in files.items() if len(where) > 1}


def test_no_two_public_classes_have_the_same_name() -> None:
    sources = dict(_sources())
    assert {"phones/wire.py", "switch/legs.py", "sip/gate/calls.py", "bench/peers.py"} <= sources.keys()
    assert _repeated(sources) == {}


def test_a_repeated_name_is_found() -> None:
    sources = {
        "a.py": "class Leg: ...\nclass _Press: ...\n",
        "b/c.py": "def make():\n    class Leg: ...\n",
        "d.py": "class Call: ...\nclass _Press: ...\n",
    }
    assert _repeated(sources) == {"Leg": ["a.py", "b/c.py"]}
