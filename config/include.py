"""A config file with the files that it includes, its defaults applied, as one tree.

Every node keeps its own place, so that a problem is told where it was written. Each file that the config file
includes is a *part*: a mistake of one part need not keep the others from being loaded (``instead``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Files
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.models import Config
from config.problems import START, ConfigError, ConfigProblem, Position, suggest
from config.shape import shapes_of
from config.source import Drafts, Mapping, Node, Scalar, Sequence, Source, read_source

INCLUDE, DEFAULTS = "include", "defaults"
#: What the names of sections begin with that only hold anchors.
EXTENSION = "x-"
MOST_FILES = 1000
DEEPEST = 8
_OTHER = re.compile(r"_(file|env)$")
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class IncludedPart:
    """An included file, with those that it includes in turn, as it was read."""

    sources: tuple[Source, ...]
    problems: tuple[ConfigProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """All that was read: the one tree, and the parts that it was made of by the paths of their files."""

    source: Source
    parts: Files[str, IncludedPart]
    #: The part that each included file belongs to.
    part_of: Files[str, str]
    warnings: tuple[ConfigProblem, ...] = ()


@dataclass
class _Reading:
    main: Path
    problems: list[ConfigProblem] = field(default_factory=list)
    warnings: list[ConfigProblem] = field(default_factory=list)
    #: Where each file was included first.
    seen: dict[Path, Position] = field(default_factory=dict)
    drafts: Drafts = field(default_factory=dict)


def read_whole(
    file: Path, instead: Files[str, IncludedPart | None] | None = None, drafts: Drafts | None = None
) -> Whole:
    """Read a config file and all that it includes; :class:`ConfigError` where there is nothing to go on with.

    ``instead`` says of parts, by the paths of their files, what to take in place of them: what was read
    before, or None for nothing. ``drafts`` as in :func:`config.source.read_source`.
    """
    texts_of = {path.resolve(): text for path, text in (drafts or {}).items()}
    main = read_source(file, drafts=texts_of)
    reading = _Reading(file, seen={file.resolve(): START}, drafts=texts_of)
    parts: dict[str, IncludedPart] = {}
    for path, place in _included(main, reading):
        name = str(path)
        known = (instead or {}).get(name, _ASK)
        if known is None:
            continue
        parts[name] = known if isinstance(known, IncludedPart) else _read_part(path, place, reading)
    root = _copy(main.root)
    _take_extensions(root)
    defaults = _defaults(root, reading)
    _apply(root, defaults)
    texts: dict[str, str] = {}
    part_of: dict[str, str] = {}
    for name, part in parts.items():
        part_of |= {problem.place.file: name for problem in part.problems}
        for source in part.sources:
            texts[source.root.place.file] = source.text
            part_of[source.root.place.file] = name
            own = _copy(source.root)
            _take_extensions(own)
            _apply(own, _over(_defaults(own, reading), defaults))
            _merge(root, own, reading)
    told = [problem for part in parts.values() for problem in part.problems]
    found = dict.fromkeys((*main.problems, *told, *reading.problems))
    return Whole(
        replace(main, root=root, problems=tuple(found), texts=texts), parts, part_of, tuple(reading.warnings)
    )


_ASK = object()


def _read_part(path: Path, place: Position, reading: _Reading) -> IncludedPart:
    """A file and what it includes; problems of its text stand in it."""
    sources: list[Source] = []
    problems: list[ConfigProblem] = []
    waiting: list[tuple[Path, Position, tuple[Path, ...]]] = [(path, place, ())]
    while waiting:
        here, told, above = waiting.pop(0)
        if len(reading.seen) > MOST_FILES or len(above) > DEEPEST:
            problems.append(ConfigProblem(told, INCLUDE, "too many files, or too deep: include fewer"))
            break
        try:
            source = read_source(here, str(here), reading.drafts)
        except ConfigError as error:
            problems += [
                replace(problem, place=problem.place._replace(file=str(here))) for problem in error.problems
            ]
            continue
        sources.append(source)
        problems += source.problems
        waiting += [(below, spot, (*above, here)) for below, spot in _included(source, reading)]
    return IncludedPart(tuple(sources), tuple(problems))


def _included(source: Source, reading: _Reading) -> Iterator[tuple[Path, Position]]:
    """The files that a file includes, those of a pattern or a folder by name, each with its place."""
    node = source.root.entries.get(INCLUDE)
    if node is None:
        return
    items = node.items if isinstance(node, Sequence) else [node]
    folder = Path(source.root.place.file or source.file).parent.absolute()
    for item in items:
        if not isinstance(item, Scalar) or not item.text:
            what = "write the path of a file or a folder, a pattern such as customers/*.yaml, or a list"
            reading.problems.append(ConfigProblem(item.place, INCLUDE, what))
            continue
        for path in _files(folder, item, reading):
            real = path.resolve()
            if real in reading.seen:
                what = f"{path} is included already, or includes itself: remove one of the two"
                reading.problems.append(ConfigProblem(item.place, INCLUDE, what))
                continue
            reading.seen[real] = item.place
            yield path, item.place


def _files(folder: Path, item: Scalar, reading: _Reading) -> list[Path]:
    path = folder / item.text
    try:
        if _WILD & set(item.text):
            found = sorted(each for each in folder.glob(item.text) if each.is_file() and _is_settings(each))
        elif path.is_dir():
            found = sorted(each for each in path.iterdir() if each.is_file() and _is_settings(each))
        elif path.is_file() or path.resolve() in reading.drafts:
            return [path]
        else:
            what = f"no such file or folder: relative paths start at {folder}"
            reading.problems.append(ConfigProblem(item.place, INCLUDE, what))
            return []
    except (OSError, ValueError, NotImplementedError):
        what = "cannot search for this: write a path relative to this file, such as customers/*.yaml"
        reading.problems.append(ConfigProblem(item.place, INCLUDE, what))
        return []
    if not found:
        reading.warnings.append(ConfigProblem(item.place, INCLUDE, "this includes no file: check the path"))
    return found


def _is_settings(path: Path) -> bool:
    """Whether a file of a folder holds settings: YAML, not hidden, not expectations."""
    return (
        path.suffix in (".yaml", ".yml")
        and not path.name.startswith(".")
        and not path.stem.endswith(".tests")
    )


def _copy(mapping: Mapping) -> Mapping:
    """The mapping, its sections and their items, to be changed without a trace in what was read."""

    def copied(node: Node, depth: int) -> Node:
        if not isinstance(node, Mapping) or not depth:
            return replace(node, items=list(node.items)) if isinstance(node, Sequence) else node
        entries = {key: copied(entry, depth - 1) for key, entry in node.entries.items()}
        return replace(node, entries=entries, keys=dict(node.keys))

    found = copied(mapping, 3)
    assert isinstance(found, Mapping)  # noqa: S101 - a copy of one
    return found


def _take(root: Mapping, key: str) -> Node | None:
    root.keys.pop(key, None)
    return root.entries.pop(key, None)


def _take_extensions(root: Mapping) -> None:
    for key in [key for key in root.entries if key.startswith(EXTENSION) or key == INCLUDE]:
        _take(root, key)


def _named() -> dict[str, Any]:
    """The sections that hold items by name."""
    return {
        name: shape.item
        for name, shape in shapes_of(Config).items()
        if shape.kind == "named" and shape.item and shape.item.model
    }


def _defaults(root: Mapping, reading: _Reading) -> dict[str, Mapping]:
    """What a file says of all items of a section."""
    place = root.keys.get(DEFAULTS, root.place)
    node = _take(root, DEFAULTS)
    if node is None or (isinstance(node, Scalar) and not node.text):
        return {}
    sections = _named()
    found: dict[str, Mapping] = {}
    if not isinstance(node, Mapping):
        what = "write sections with defaults for their items, such as 'sites: {ring_timeout: 30s}'"
        reading.problems.append(ConfigProblem(place, DEFAULTS, what))
        return {}
    for section, settings in node.entries.items():
        path = f"{DEFAULTS}.{section}"
        if section not in sections:
            what = f"not a section of named items: {suggest(section, sections, 'sections')}"
            reading.problems.append(ConfigProblem(node.keys[section], path, what))
        elif not isinstance(settings, Mapping):
            what = "write defaults for the items, such as {ring_timeout: 30s}"
            reading.problems.append(ConfigProblem(settings.place, path, what))
        else:
            found[section] = settings
            # Told here even where no item takes it.
            known = shapes_of(sections[section].model)
            for key in settings.entries:
                bare = key.removesuffix("_file").removesuffix("_env")
                if key not in known and bare not in known:
                    what = f"no such setting: {suggest(key, known, 'settings here')}"
                    reading.problems.append(ConfigProblem(settings.keys[key], f"{path}.{key}", what))
    return found


def _over(own: dict[str, Mapping], above: dict[str, Mapping]) -> dict[str, Mapping]:
    """A file's own defaults, and below them those of the config file."""
    found = dict(above)
    for section, settings in own.items():
        found[section] = _filled(settings, above[section]) if section in above else settings
    return found


def _filled(item: Mapping, defaults: Mapping) -> Mapping:
    """The item with what it leaves out; mappings within it likewise."""
    entries, keys = dict(item.entries), dict(item.keys)
    for key, node in defaults.entries.items():
        mine = entries.get(key)
        other = _OTHER.sub(lambda found: "_env" if found[0] == "_file" else "_file", key)
        if mine is None:
            if key.endswith(("_file", "_env")) and other in entries:
                continue  # the secret comes from elsewhere
            entries[key], keys[key] = node, defaults.keys[key]
        elif isinstance(mine, Mapping) and isinstance(node, Mapping):
            entries[key] = _filled(mine, node)
    return replace(item, entries=entries, keys=keys)


def _apply(root: Mapping, defaults: dict[str, Mapping]) -> None:
    for section, settings in defaults.items():
        items = root.entries.get(section)
        if isinstance(items, Mapping):
            for name, item in items.entries.items():
                if isinstance(item, Mapping):
                    items.entries[name] = _filled(item, settings)
                elif isinstance(item, Scalar) and not item.text and not item.quoted:
                    items.entries[name] = _filled(Mapping(item.place), settings)


def _merge(root: Mapping, part: Mapping, reading: _Reading) -> None:
    """Add a part's sections: its items and expectations to those there are, other sections as they are."""
    for section, node in part.entries.items():
        there = root.entries.get(section)
        place = part.keys[section]
        if there is None:
            root.entries[section], root.keys[section] = node, place
        elif isinstance(there, Mapping) and isinstance(node, Mapping) and _mergeable(section):
            for name, item in node.entries.items():
                if name in there.entries:
                    first = there.keys[name]
                    what = (
                        f'the name "{name}" is taken in {first.file or reading.main}, line {first.line}: '
                        "choose another, such as one that begins with the customer's"
                    )
                    reading.problems.append(ConfigProblem(node.keys[name], f"{section}.{name}", what))
                else:
                    there.entries[name], there.keys[name] = item, node.keys[name]
        elif isinstance(there, Sequence) and isinstance(node, Sequence) and section == "tests":
            there.items += node.items
        else:
            first = root.keys[section]
            what = f"is already in {first.file or reading.main}, line {first.line}: keep one of the two"
            reading.problems.append(ConfigProblem(place, section, what))


def _mergeable(section: str) -> bool:
    shape = shapes_of(Config).get(section)
    return shape is not None and shape.kind == "named"
