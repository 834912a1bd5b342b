"""A YAML file as nodes that know their places; what is no plain data in it becomes a problem.

Built from the parser's events, without recursion, so that neither deep nesting nor aliases of aliases can
exhaust the reader. Texts stay as written: only :mod:`config.resolve`, which knows what each setting
takes, makes numbers of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Texts
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    ScalarToken,
    Token,
)

from config.folding import follow
from config.problems import START, ConfigError, ConfigProblem, Loc, Position, shorten, write_loc
from config.text_file import place_after, read_text, refuse_size

LARGEST_FILE = 4 * 1024 * 1024
DEEPEST = 32
#: Settings in one file, each alias counted as what it stands for.
MOST_NODES = 250_000

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: ruamel's words for a mistake (never shown: they may quote the file, and so a secret), and ours.
_SYNTAX = (
    (re.compile(r"found character '\\t'"), "YAML cannot be indented with tabs: use spaces"),
    (re.compile(r"found character"), "this character cannot start a value: put the value in quotes"),
    (
        re.compile(r"mapping values are not allowed"),
        "unexpected colon: align the line, or put a value that contains ': ' in quotes",
    ),
    (
        re.compile(r"could not find expected ':'"),
        "missing colon: write 'key: value', with a space after the colon",
    ),
    (
        re.compile(r"while scanning a quoted scalar|unexpected end of stream"),
        "this quote is never closed",
    ),
    (re.compile(r"unknown escape|escape sequence"), "not a YAML escape: use single quotes"),
    (re.compile(r"expected <block end>"), "wrong indentation: align the line with its neighbours"),
    (re.compile(r"expected the node content"), "no value can start here, or a { or [ is not closed"),
    (re.compile(r"flow (mapping|sequence)"), "this { or [ is not closed properly"),
    (re.compile(r"duplicate anchor"), "this anchor is used twice: give each its own name"),
)
#: Those of them that are told where the thing began: a key, a quote, a brace.
_TOLD_WHERE_IT_OPENS = [
    plain
    for pattern, plain in _SYNTAX
    if re.search(r"expected ':'|quoted scalar|flow|node content", pattern.pattern)
]
_LOOKS_LIKE_A_SETTING = re.compile(r"\s*(- )?[A-Za-z_][\w-]*:(\s|$)|\s*- ")
_CLOSED_BY: dict[type[Token], type[Token]] = {
    FlowMappingStartToken: FlowMappingEndToken,
    FlowSequenceStartToken: FlowSequenceEndToken,
}
_DASH = re.compile(r"\s*-(?=[{\[\"'A-Za-z])")
_SYNTAX_ELSE = "not valid YAML: check the indentation, colons and quotes around here"


@dataclass(slots=True)
class Scalar:
    """A value as written; ``quoted`` texts are never a number, a truth value or null."""

    place: Position
    text: str
    quoted: bool
    size: int = 1


@dataclass(slots=True)
class Mapping:
    """Keys and values, each key with its place."""

    place: Position
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)
    size: int = 1


@dataclass(slots=True)
class Sequence:
    """A list of values."""

    place: Position
    items: list[Node] = field(default_factory=list)
    size: int = 1


Node = Scalar | Mapping | Sequence
#: Texts in place of what files hold, by the files' resolved paths.
Drafts = Texts[Path, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its root node, and the problems that left the rest readable."""

    file: Path
    root: Mapping
    problems: tuple[ConfigProblem, ...]
    #: What was read.
    text: str
    #: The texts of included files, by their names in places.
    texts: dict[str, str] = field(default_factory=dict)

    def find(self, loc: Loc) -> Node | None:
        """The node at ``loc``; None where the file says nothing."""
        node: Node | None = self.root
        for step in loc:
            if isinstance(node, Mapping) and isinstance(step, str):
                node = node.entries.get(step)
            elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
            else:
                return None
        return node

    def place(self, loc: Loc) -> Position:
        """Where ``loc`` is written: its key or list item, or the nearest thing around it."""
        best = self.root.place
        node: Node | None = self.root
        for step in loc:
            if isinstance(node, Mapping) and isinstance(step, str) and step in node.entries:
                best = node.keys[step]
                node = node.entries[step]
            elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
                best = node.place
            else:
                break
        return best

    def value_place(self, loc: Loc) -> Position:
        """Where the value of ``loc`` begins; for a block or nothing at all, its key."""
        node = self.find(loc)
        return node.place if isinstance(node, Scalar) and (node.text or node.quoted) else self.place(loc)

    def place_within(self, loc: Loc, offset: int) -> Position:
        """Where the character ``offset`` of the text at ``loc`` stands, through quotes and folded lines."""
        node = self.find(loc)
        if not isinstance(node, Scalar):
            return self.value_place(loc)
        return follow(self.texts.get(node.place.file, self.text), node.place, node.text, offset)


def read_source(file: Path, name: str = "", drafts: Drafts | None = None, *, lines: bool = False) -> Source:
    """Read and parse ``file``; :class:`ConfigError` where there is nothing to go on with.

    ``name`` is what places call the file, where another one includes it. ``drafts`` are texts to take in
    place of what files hold, by the files' resolved paths; such a file need not exist. With ``lines``, values
    may have several lines: the file has texts for people, and nothing that reaches a SIP header.
    """
    text = (drafts or {}).get(file.resolve())
    if text is None:
        text = read_text(file, LARGEST_FILE)
    refuse_size(file, len(text.encode(errors="surrogatepass")), LARGEST_FILE)
    builder = _Builder(file, name, _CONTROL_IN_LINES if lines else _CONTROL)
    mistake: ConfigProblem | None = None
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except YAMLError as error:
        mistake = _syntax_problem(error, text)
    if mistake:
        # Raised outside the except clause: the parser's error quotes the file, perhaps a secret of it.
        raise ConfigError(file, [*builder.problems, mistake])
    root = builder.root
    if root is None or (isinstance(root, Scalar) and not root.text and not root.quoted):
        raise ConfigError(
            file, [ConfigProblem(START, "", "the file is empty: start from config/examples/minimal.yaml")]
        )
    if not isinstance(root, Mapping):
        what = "the file must be a mapping: sections such as 'sites:' with their settings indented below"
        raise ConfigError(file, [ConfigProblem(root.place, "", what)])
    return Source(file, root, tuple(builder.problems), text)


def _syntax_problem(error: YAMLError, text: str) -> ConfigProblem:
    if isinstance(error, ReaderError):
        place = place_after(text[: error.position])
        return ConfigProblem(place, "", "a control character: remove it, or escape it inside double quotes")
    if (quote := _open_quote(text)) is not None:
        what = "this quote is not closed on its line: close it, or put the text on one line"
        return ConfigProblem(quote, "", what)
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    # At the end of the file the parser stands behind the last line.
    lines = max(1, len(text.splitlines()))
    place = Position(min(mark.line + 1, lines), mark.column + 1) if mark else START
    words = f"{getattr(error, 'problem', '')} {getattr(error, 'context', '')}"
    pattern, ours = next(
        ((pattern, plain) for pattern, plain in _SYNTAX if pattern.search(words)), (None, _SYNTAX_ELSE)
    )
    # Told where it opens, not where the parser at last gave up.
    opened = error.context_mark if isinstance(error, MarkedYAMLError) else None
    if opened and (ours in _TOLD_WHERE_IT_OPENS or (pattern is None and "flow" in words)):
        place = _open_brace(text) or Position(opened.line + 1, opened.column + 1)
    line = (text.splitlines() or [""])[min(place.line, lines) - 1]
    if line[place.column - 1 : place.column] in ("}", "]"):
        ours = "nothing to close here: remove it, or add a { or [ before it"
    elif dash := _DASH.match(line):
        place, ours = Position(place.line, dash.end()), "a list item needs a space after its '-'"
    return ConfigProblem(place, "", ours)


def _open_brace(text: str) -> Position | None:
    """Where the innermost { or [ stands that is not closed; None where all are."""
    opened: list[tuple[type[Token], Position]] = []
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, FlowMappingStartToken | FlowSequenceStartToken):
                place = Position(token.start_mark.line + 1, token.start_mark.column + 1)
                opened.append((_CLOSED_BY[type(token)], place))
            elif isinstance(token, FlowMappingEndToken | FlowSequenceEndToken) and opened:
                closed_by, place = opened.pop()
                if not isinstance(token, closed_by):
                    return place
    except YAMLError:
        pass
    return opened[-1][1] if opened else None


def _open_quote(text: str) -> Position | None:
    """Where a quoted text begins that runs over lines which look like settings of their own.

    Its missing quote is found at the next one, perhaps screens below, and what the parser then stumbles over
    is right by itself.
    """
    tokens = YAML(typ="safe", pure=True).scan(text)
    try:
        for token in tokens:
            if isinstance(token, ScalarToken) and token.style in ("'", '"'):
                first, last = token.start_mark.line, token.end_mark.line
                if any(_LOOKS_LIKE_A_SETTING.match(line) for line in text.splitlines()[first + 1 : last + 1]):
                    return Position(first + 1, token.start_mark.column + 1)
    except YAMLError:
        pass
    return None


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open."""

    node: Mapping | Sequence
    anchor: str | None
    #: In a mapping: whether a key was read whose value comes next, and that key unless it was refused.
    has_key: bool = False
    key: str | None = None
    key_place: Position = START


class _Builder:
    """Takes the parser's events one by one and grows the nodes."""

    def __init__(self, file: Path, name: str, control: re.Pattern[str]) -> None:
        self._name = name
        #: What no value may have.
        self._control = control
        self.root: Node | None = None
        self.problems: list[ConfigProblem] = []
        self._file = file
        self._open: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._nodes = 0

    def take(self, event: Event) -> None:
        """Add one event; :class:`ConfigError` where reading on makes no sense."""
        place = Position(event.start_mark.line + 1, event.start_mark.column + 1, self._name)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(place, "a second document starts here: remove the '---' line")
            case ScalarEvent():
                self._plain_data_only(event, place)
                text = self._one_line(event.value, place)
                scalar = Scalar(place, text, quoted=bool(event.style))
                self._keep(event.anchor, scalar)
                self._put(scalar, place, 1)
            case MappingStartEvent() | SequenceStartEvent():
                self._plain_data_only(event, place)
                if len(self._open) >= DEEPEST:
                    self._refuse(place, "nested too deeply: no setting is at this level")
                node = Mapping(place) if isinstance(event, MappingStartEvent) else Sequence(place)
                self._open.append(_Frame(node, event.anchor))
            case MappingEndEvent() | SequenceEndEvent():
                frame = self._open.pop()
                self._keep(frame.anchor, frame.node)
                self._put(frame.node, frame.node.place, 1)
            case AliasEvent():
                self._put_alias(event.anchor, place)

    def _put_alias(self, anchor: str, place: Position) -> None:
        if anchor in self._anchors:
            node = self._anchors[anchor]
            self._put(replace(node, place=place), place, node.size)
        else:
            # The name stays unsaid: it may be a password that begins with a star.
            text = "there is no such anchor above: put a text that starts with * in quotes"
            self.problems.append(ConfigProblem(place, self._path(), text))
            self._put(Scalar(place, "", quoted=True), place, 1)

    def _put(self, node: Node, place: Position, count: int) -> None:
        self._nodes += count
        if self._nodes > MOST_NODES:
            self._refuse(place, f"more than {MOST_NODES} settings, counting each alias in full: write fewer")
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        frame.node.size += node.size
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.has_key:
            if frame.key is not None:
                frame.node.entries[frame.key] = node
                frame.node.keys[frame.key] = frame.key_place
            frame.has_key, frame.key = False, None
        else:
            frame.has_key, frame.key_place = True, place
            frame.key = self._key(frame.node, node, place)

    def _key(self, mapping: Mapping, node: Node, place: Position) -> str | None:
        """The node as a new key of the mapping; None, and a problem, where it cannot be one."""
        if not isinstance(node, Scalar):
            text = "a key must be a plain name: put a value that starts with { or [ in quotes"
        elif node.text == "<<" and not node.quoted:
            text = "merge keys (<<) are not supported: write the settings out, or alias a whole section"
        elif not node.text:
            text = "a colon without a key before it"
        elif node.text in mapping.entries:
            first = mapping.keys[node.text].line
            text = f'the key "{shorten(node.text)}" is here twice (line {first} too): keep one'
        else:
            return node.text
        self.problems.append(ConfigProblem(place, self._path(), text))
        return None

    def _plain_data_only(
        self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, place: Position
    ) -> None:
        if event.tag:
            text = "tags have no meaning here: put a text that starts with ! in quotes"
            self.problems.append(ConfigProblem(place, self._path(), text))

    def _one_line(self, text: str, place: Position) -> str:
        # Nothing that reaches a SIP header or a path may hold a line break, or half a character.
        if self._control.search(text):
            what = "a line break, tab or control character in a value: write it on one line"
            self.problems.append(ConfigProblem(place, self._path(), what))
            return self._control.sub(" ", text)
        return text

    def _keep(self, anchor: str | None, node: Node) -> None:
        if anchor:
            self._anchors[anchor] = node

    def _path(self) -> str:
        loc: list[str | int] = []
        for frame in self._open:
            if isinstance(frame.node, Sequence):
                loc.append(len(frame.node.items))
            elif frame.key is not None:
                loc.append(frame.key)
        return write_loc(tuple(loc))

    def _refuse(self, place: Position, text: str) -> NoReturn:
        raise ConfigError(self._file, [*self.problems, ConfigProblem(place, self._path(), text)])
