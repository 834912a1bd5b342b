"""Models as TypeScript interfaces alone: for a page that is too small to carry what reads them.

Such a page treats a missing field as null, and does nothing about a word that it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

_PLAIN = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


def interfaces(source: str, *, said: Iterable[type[BaseModel]], told: Iterable[type[BaseModel]]) -> str:
    """One file: what pages say, where a field with a default may be left out, and what they are told."""
    parts: dict[str, str] = {}
    for model in said:
        _define(model.model_json_schema(mode="validation"), parts, optional=True)
    for model in told:
        _define(model.model_json_schema(mode="serialization"), parts, optional=False)
    opening = f"/** Written by `python -m api.reference` from {source}: edit there. */\n\n"
    return opening + "\n".join(parts.values())


def union(name: str, models: Iterable[type[BaseModel]]) -> str:
    """A type for any of these."""
    return f"\nexport type {name} =" + "".join(f"\n  | {model.__name__}" for model in models) + ";\n"


def _define(schema: Mapping[str, Any], parts: dict[str, str], *, optional: bool) -> None:
    for name, inner in {**schema.get("$defs", {}), schema["title"]: schema}.items():
        if "enum" in inner:
            parts[name] = f"{_comment(inner)}export type {name} = {_type(inner)};\n"
            continue
        required = inner.get("required", ())
        lines = [_comment(inner), f"export interface {name} {{\n"]
        for field, value in inner["properties"].items():
            mark = "?" if optional and field not in required else ""
            lines += [_comment(value, "  "), f"  readonly {field}{mark}: {_type(value)};\n"]
        parts[name] = "".join([*lines, "}\n"])


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(word) for word in schema["enum"])
    if "type" not in schema:
        return "unknown"
    if schema["type"] == "array":
        inner = _type(schema["items"])
        return f"readonly {inner}[]" if inner.isidentifier() else f"readonly ({inner})[]"
    if schema["type"] == "object":
        inner = schema["additionalProperties"]
        return f"Readonly<Record<string, {_type(inner) if isinstance(inner, dict) else 'unknown'}>>"
    return _PLAIN[schema["type"]]


def _comment(schema: Mapping[str, Any], indent: str = "") -> str:
    words = " ".join(str(schema.get("description", "")).replace("``", "`").split())
    return f"{indent}/** {words} */\n" if words else ""
