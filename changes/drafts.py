"""Drafts as texts: what they say, which file an edit is of, and how they are joined with what is on disk.

Pure, but for reading the files that the drafts do not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from changes.records import Texts
from config.editing.apply import apply, read_text_source
from config.editing.data import Data, data_of, has, same
from config.editing.edits import Add, Edit, EditError, Remove, Rename, Set
from config.editing.merging import Conflict, Conflicts, merge
from config.editing.renaming import references, remove_everywhere, rename_everywhere
from config.editing.spans import UnreadableError
from config.include import read_whole
from config.problems import Loc
from config.source import Source

_YAML = (".yaml", ".yml")
#: What of a site is a section of its own at the portal.
_OF_SITES = ("engage", "answers")


@dataclass(frozen=True, slots=True)
class RemoveNamed:
    """Remove an item of a section, and with it what names it."""

    section: str
    name: str


#: What an operator may wish for in a draft.
Wish = Edit | RemoveNamed


@dataclass(frozen=True, slots=True)
class FileConflict:
    """A setting that both sides changed; one without a place is the whole file."""

    file: str
    conflict: Conflict


class ConflictsError(Exception):
    """Somebody else changed the same settings: somebody must choose."""

    def __init__(self, conflicts: Iterable[FileConflict]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(f"{len(self.conflicts)} settings were changed by somebody else, too")


def tree_of(main: Path, paths: Mapping[str, Path], texts: Texts) -> tuple[Source, Data]:
    """The settings of all files as one tree; :class:`config.problems.ConfigError`."""
    whole = read_whole(main, drafts={paths[name]: text for name, text in texts.items() if name in paths})
    return whole.source, data_of(whole.source.root)


def file_of(source: Source, paths: Mapping[str, Path], main: str, loc: Loc) -> str:
    """The name of the file that a setting is written in, or would be."""
    for length in (min(2, len(loc)), 1):
        node = source.find(loc[: length - 1]) if length else None
        entries = getattr(node, "keys", {})
        if loc and loc[length - 1] in entries:
            written = entries[loc[length - 1]].file
            names = (name for name, path in paths.items() if written and str(path) == written)
            return next(names, main)
    return main


def edited(main: str, paths: Mapping[str, Path], texts: Texts, edits: Iterable[Wish]) -> dict[str, str]:
    """The texts with the edits made, each in the file that it is of. Raises
    :class:`config.editing.edits.EditError` and :class:`config.problems.ConfigError`."""
    found = dict(texts)
    for wish in edits:
        source, data = tree_of(paths[main], paths, found)
        by_file: dict[str, list[Edit]] = {}
        for edit in _with_references(data, wish):
            place = (*edit.loc, edit.key) if isinstance(edit, Add) else edit.loc
            by_file.setdefault(file_of(source, paths, main, place), []).append(edit)
        for name, group in by_file.items():
            found[name] = apply(read_text_source(found[name], paths[name]), group)
    return found


def _with_references(data: Data, wish: Wish) -> list[Edit]:
    """The edits that a wish comes to: a new name is written wherever settings have the old one."""
    if isinstance(wish, RemoveNamed):
        return remove_everywhere(data, wish.section, wish.name)
    if isinstance(wish, Rename) and len(wish.loc) == 2:
        section, name = str(wish.loc[0]), str(wish.loc[1])
        return rename_everywhere(section, name, wish.key, references(data, section, name))
    return [wish]


def joined(paths: Mapping[str, Path], base: Texts, disk: Texts, mine: Texts) -> dict[str, str]:
    """What of ``mine`` is changed, brought into what is on disk; :class:`ConflictsError`."""
    found: dict[str, str] = {}
    conflicts: list[FileConflict] = []
    for name, text in mine.items():
        was, now = base[name], disk.get(name, base[name])
        if text in (was, now):
            continue
        if was == now:
            found[name] = text
            continue
        try:
            if paths[name].suffix not in _YAML:
                # Rows have no places to be joined by: somebody must choose.
                raise UnreadableError("a table")
            found[name] = apply(read_text_source(now, paths[name]), merge(was, now, text))
        except Conflicts as told:
            conflicts += [FileConflict(name, conflict) for conflict in told.conflicts]
        except (UnreadableError, EditError):
            conflicts.append(FileConflict(name, Conflict((), was, now, text)))
    if conflicts:
        raise ConflictsError(conflicts)
    return found


def chosen(path: Path, base: str, disk: str, mine: str, choices: Mapping[Loc, str]) -> tuple[str, str]:
    """The base and my text after somebody chose, for each conflict, ``mine`` or ``theirs``."""
    if () in choices:
        return disk, (mine if choices[()] == "mine" else disk)
    theirs = data_of(read_text_source(disk, path).root)
    for loc, choice in choices.items():
        if choice == "mine":
            base = _with(path, base, loc, theirs)
        else:
            mine = _with(path, mine, loc, theirs)
    return base, mine


def _with(path: Path, text: str, loc: Loc, theirs: Data) -> str:
    """The text with this setting as they have it."""
    source = read_text_source(text, path)
    edits: list[Edit] = []
    if has(theirs, loc):
        value = theirs
        for step in loc:
            value = value[step]
        edits.append(Set(loc, value, "all"))
    elif has(data_of(source.root), loc):
        edits.append(Remove(loc, "all"))
    return apply(source, edits)


def touched(before: Data, after: Data) -> frozenset[str]:
    """The sections that differ, as the portal calls them."""
    found: set[str] = set()
    for section in {*before, *after}:
        old, new = before.get(section), after.get(section)
        if section in before and section in after and same(old, new):
            continue
        if section != "sites" or not isinstance(old, dict) or not isinstance(new, dict):
            found.add(section)
            continue
        for name in {*old, *new}:
            one, other = old.get(name), new.get(name)
            if same(one, other):
                continue
            own = _own(one), _own(other)
            if name not in old or name not in new or not same(*own):
                found.add("sites")
            for part in _OF_SITES:
                if isinstance(one, dict) and isinstance(other, dict) and one.get(part) != other.get(part):
                    found.add(part)
    return frozenset(found)


def _own(site: Data) -> Data:
    if not isinstance(site, dict):
        return site
    return {key: value for key, value in site.items() if key not in _OF_SITES}
