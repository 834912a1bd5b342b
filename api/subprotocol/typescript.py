"""The messages as TypeScript: types of what pages say, types and readers of what they are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from api.subprotocol.base import FromPage, FromServer, type_of

Schema = Mapping[str, Any]

_OPENING = "/** Written by `python -m api.reference` from {source}: edit there. */\n"
#: What reads a value, in ``shapes.ts``.
_READERS = ("fields", "is", "list", "mapping", "number", "orNull", "otherwise", "text", "truth", "word")
_PLAIN = {"string": "text", "number": "number", "integer": "number", "boolean": "truth", "null": "null"}
_TYPES = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}
_WIDTH = 110


class Module:
    """One file of TypeScript. What another one exports is imported from there."""

    def __init__(
        self,
        source: str,
        *,
        imports: tuple[str, Module] | None = None,
        shapes: str = "./shapes",
    ) -> None:
        self._source = source
        self._shapes = shapes
        self._imports = imports
        #: The vocabularies that :meth:`words` has named, by their words.
        self._names: dict[tuple[str, ...], str] = {}
        self._parts: dict[str, str] = {}
        #: What the value at hand has in it, by name.
        self._inner: Schema = {}
        self._imported: set[str] = set()

    # --- what is put into it --------------------------------------------------------------------------

    def told(self, models: Iterable[type[FromServer]], union: str, readers: str) -> None:
        """Messages of the server's: a type and a reader each, their union, and the readers by type."""
        kinds = {}
        for model in models:
            self.value(model)
            kinds[type_of(model)] = model.__name__
        names = [self._reader(name) for name in kinds.values()]
        rows = "".join(f"  {kind}: {name},\n" for kind, name in zip(kinds, names, strict=True))
        self._parts[union] = (
            f"/** Whatever the server says on this WebSocket. */\nexport type {union} ="
            + "".join(f"\n  | {name}" for name in kinds.values())
            + f";\n\n/** What reads each, by its type. */\nexport const {readers} = {{\n{rows}}} as const;\n"
        )

    def said(self, models: Iterable[type[FromPage]], union: str) -> None:
        """Messages of the page's: types alone."""
        names = []
        for model in models:
            names.append(model.__name__)
            schema = model.model_json_schema()
            if not self._known(model.__name__):
                lines = [_comment(schema), f"export interface {model.__name__} {{\n"]
                for name, field in schema["properties"].items():
                    optional = "" if name in schema["required"] else "?"
                    lines += [_comment(field, "  "), f"  readonly {name}{optional}: {_said_type(field)};\n"]
                self._parts[model.__name__] = "".join([*lines, "}\n"])
        self._parts[union] = (
            f"/** Whatever the page says on this WebSocket. */\nexport type {union} ="
            + "".join(f"\n  | {name}" for name in names)
            + ";\n"
        )

    def words(self, name: str, literal: Any) -> None:
        """A vocabulary of its own, that Python has as ``Literal``."""
        self._names[get_args(literal)] = name
        self._word(list(get_args(literal)))

    def value(self, model: type[BaseModel] | Any) -> None:
        """Something that the server tells, message or not: its type and what reads it."""
        schema = TypeAdapter(model).json_schema()
        self._inner = schema.get("$defs", {})
        self._define(schema["title"], schema)

    def text(self) -> str:
        """The file."""
        body = "\n".join(self._parts.values())
        used = [name for name in _READERS if re.search(rf"\b{name}[(<,)]", body)]
        lines = [_OPENING.format(source=self._source), "\n"]
        if self._imports:
            where, _ = self._imports
            kinds = sorted(self._imported)
            lines.append(_import([*kinds, *used, "type Shape"] if self._shapes == where else kinds, where))
        if not self._imports or self._shapes != self._imports[0]:
            lines.append(_import([*used, "type Shape"], self._shapes))
        return "".join([*lines, "\n", body])

    # --- inside ---------------------------------------------------------------------------------------

    def _known(self, name: str) -> bool:
        """Whether it is here or in the other file; then it is imported."""
        if name in self._parts:
            return True
        if self._imports and name in self._imports[1]._parts:
            self._imported.add(f"type {name}")
            return True
        return False

    def _reader(self, name: str) -> str:
        """What reads a type that has a name."""
        self._known(name)
        reader = f"read{name}"
        if name not in self._parts:
            self._imported.add(reader)
        return reader

    def _define(self, name: str, schema: Schema) -> None:
        if self._known(name):
            return
        if "enum" in schema:
            self._parts[name] = _vocabulary(name, schema["enum"], _comment(schema))
            return
        lines = [_comment(schema), f"export interface {name} {{\n"]
        readers = []
        for field, value in schema["properties"].items():
            lines += [_comment(value, "  "), f"  readonly {field}: {self._type(value)};\n"]
            reader = self._shape(value)
            if "default" in value and "const" not in value:
                reader = f"otherwise({reader}, {json.dumps(value['default'])})"
            readers.append(f"  {field}: {reader},\n")
        body = "".join([*lines, "}\n"])
        self._parts[name] = (
            f"{body}\nexport const read{name}: Shape<{name}> = fields({{\n{''.join(readers)}}});\n"
        )

    def _type(self, schema: Schema) -> str:
        if "$ref" in schema:
            name = _name(schema)
            self._define(name, self._inner[name])  # before what has it
            return name
        if "anyOf" in schema:
            return " | ".join(dict.fromkeys(self._type(each) for each in schema["anyOf"]))
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return self._word(schema["enum"])
        if schema["type"] == "array":
            inner = self._type(schema["items"])
            return f"readonly {inner}[]" if inner.isidentifier() else f"readonly ({inner})[]"
        if schema["type"] == "object":
            return f"Readonly<Record<string, {self._type(schema['additionalProperties'])}>>"
        return _TYPES[schema["type"]]

    def _word(self, words: list[str]) -> str:
        name = self._named(words)
        if name is None:
            return _union([*words, "unknown"])
        if not self._known(name):
            self._parts[name] = _vocabulary(name, words, "")
        return name

    def _named(self, words: list[str]) -> str | None:
        """The name of a vocabulary, here or in the other file."""
        others = self._imports[1]._names if self._imports else {}
        return self._names.get(tuple(words)) or others.get(tuple(words))

    def _shape(self, schema: Schema) -> str:
        if "$ref" in schema:
            return self._reader(_name(schema))
        if "anyOf" in schema:
            options = [each for each in schema["anyOf"] if each.get("type") != "null"]
            shapes = list(dict.fromkeys(self._shape(each) for each in options))
            if len(shapes) > 1:  # vocabularies, as in LegIsGone
                shapes = [f"word(...{', ...'.join(self._words_of(each) for each in options)})"]
            return shapes[0] if len(options) == len(schema["anyOf"]) else f"orNull({shapes[0]})"
        if "const" in schema:
            return f"is({json.dumps(schema['const'])})"
        if "enum" in schema:
            name = self._named(schema["enum"])
            if name is None:
                return f"word({', '.join(json.dumps(each) for each in schema['enum'])})"
            self._word(schema["enum"])
            return self._reader(name)
        if schema["type"] == "array":
            return f"list({self._shape(schema['items'])})"
        if schema["type"] == "object":
            return f"mapping({self._shape(schema['additionalProperties'])})"
        return _PLAIN[schema["type"]]

    def _words_of(self, schema: Schema) -> str:
        constant = _constant(_name(schema))
        if _name(schema) not in self._parts:
            self._imported.add(constant)
        return constant


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _constant(name: str) -> str:
    """``HangupCause`` as ``HANGUP_CAUSE``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _vocabulary(name: str, words: list[str], comment: str) -> str:
    rows = "".join(f"  {json.dumps(word)},\n" for word in words)
    constant = _constant(name)
    return (
        f"export const {constant} = [\n{rows}] as const;\n"
        f'{comment}export type {name} = (typeof {constant})[number] | "unknown";\n'
        f"export const read{name}: Shape<{name}> = word(...{constant});\n"
    )


def _union(words: Iterable[str]) -> str:
    return " | ".join(json.dumps(word) for word in words)


def _said_type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " | ".join(_said_type(each) for each in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return _union(schema["enum"])
    return (
        f"readonly ({_said_type(schema['items'])})[]" if schema["type"] == "array" else _TYPES[schema["type"]]
    )


def _comment(schema: Schema, indent: str = "") -> str:
    if not schema.get("description"):
        return ""
    words = " ".join(str(schema["description"]).replace("``", "`").split())
    return f"{indent}/** {words} */\n"


def _import(names: Iterable[str], where: str) -> str:
    rows = "".join(f"  {name},\n" for name in names)
    return f"import {{\n{rows}}} from {json.dumps(where)};\n"


def examples(models: Iterable[type[FromServer]]) -> Iterator[dict[str, Any]]:
    """For each message what this server says, what a newer one may, and what a page reads of that."""
    for model in models:
        schema = model.model_json_schema()
        known, newer, read = (_example(schema, schema, which) for which in ("known", "newer", "read"))
        yield {"type": type_of(model), "known": known, "newer": newer, "read": read}


def _example(schema: Schema, root: Schema, which: str) -> Any:
    if "$ref" in schema:
        return _example(root["$defs"][_name(schema)], root, which)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], root, which)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return {"known": schema["enum"][0], "newer": "of_a_newer_server", "read": "unknown"}[which]
    match schema["type"]:
        case "array":
            return [_example(schema["items"], root, which)]
        case "object" if "properties" in schema:
            made = {name: _example(each, root, which) for name, each in schema["properties"].items()}
            return made | ({"of_a_newer_server": {"a": 1}} if which == "newer" else {})
        case "object":
            return {"key": _example(schema["additionalProperties"], root, which)}
        case kind:
            return {"string": "a text", "number": 1.5, "integer": 1, "boolean": True}[kind]
