"""Writes ``docs/configuration.md`` and the JSON schema from the models: ``python -m config.reference``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.models import Config
from config.shape import Shape, fields_of, secrets_of, shapes_of

DOCS = Path(__file__).parent.parent / "docs"
_KINDS = {
    "text": "a text",
    "whole": "a whole number",
    "decimal": "a number",
    "truth": "true or false",
    "path": "the path of a file",
}

_OPENING = """\
# Configuration

<!-- Written by `python -m config.reference` from config/sections: edit there. -->

Ringback reads one YAML file, and those that it includes. Thirteen to start from are in
[`config/examples/`](../config/examples):
`minimal.yaml`, `pbx.yaml` (an existing Asterisk or other PBX), `carrier.yaml` (a registered TLS trunk),
`franchises.yaml` (each shopper to the nearest of 150 stores), `support.yaml` (a queue, callbacks, messages by
mail), `browser_agents.yaml` (people who answer in their browsers), `call_centre.yaml` (agents on phones
behind Asterisk), `radiator.yaml` (a guided chat asks which vehicle it is, and the local franchise calls) and
`jenny_craig.yaml` (local centres, then a national line), `one_shop.yaml`, `chain.yaml` (40 stores),
`engage.yaml` (rules that invite shoppers to talk) and `agency.yaml` (five customers, a file and a language
each). Routes have [a guide](routing.md) of their own.

```
ringback check ringback.yaml
```

shows every problem of a file at once, with its line and column and how to fix it, and warns of what is
probably not intended. A file with problems is never loaded: a running server keeps its settings.

- **Names** (of trunks, sites, destinations, routes, prompts) are lower-case letters, digits, `-` and `_`.
- **Durations** have a unit: `500ms`, `20s`, `2m`, `4h`, `1d`. The maximum is 7 days, where the table says
  nothing else.
- **Relative paths** start at the folder of the config file.
- **Secrets** are never in the file. `password_file: pbx.password` reads a file (without its last line end; a
  file that every user of the machine can read is refused), `password_env: PBX_PASSWORD` reads an environment
  variable.
- **YAML** is 1.2: `no` and `off` are texts. Texts need no quotes unless they contain `: ` or ` #`, or start
  with one of ``{ [ * & ! | > % @ ` " '``. Anchors and aliases work; merge keys (`<<`) and tags do not.
  Sections whose names start with `x-` only hold anchors.
- An editor that knows YAML schemas completes and checks keys with
  [`configuration.schema.json`](configuration.schema.json): the examples name it in their first line.
"""


_REPETITION = """\
## `defaults`: what holds for all

```yaml
defaults:
  sites: {countries: [US], trunk: carrier, time_zone: America/New_York, limits: {live_calls_per_site: 10}}
  destinations: {trunk: carrier, screening: press_1}
sites:
  flowers: {key: flowers-key-1, label: Flowers, limits: {live_calls_per_site: 20}, …}
```

A section of items by name (`sites`, `trunks`, `destinations`, `routes`, `mailboxes`, …) may have defaults:
each item gets them for the keys that it does not set, also within mappings. A key that an item sets, even a
list, replaces the default. A secret of its own (`password_env`) replaces a default one (`password_file`). A
problem of a default is reported where the default is written.

## `include`: more files

```yaml
include: [customers, shared/*.yaml, hours.yaml]
```

includes files, folders (their `.yaml` and `.yml` files) and patterns, sorted by name. An included file
has the same sections: its items are added to those of the config file, and each name may be used once.
Sections without names (`server`, `mail`, …) can be in one file only. Relative paths, also of secrets and
tables, start at the folder of the file that they are in. An included file may have `defaults` of its own for
its items, which come before those of the config file. It may include more files, but none that includes it.
Files `NAME.tests.yaml` in a folder are not settings. Problems show the file that they are in.

**One file for each customer**: a file that the config file includes is loaded as a whole, with its own
includes, or not at all. If it has problems, `ringback check` fails, but a reload applies all other files and
keeps this one as it was, and a start skips it. The log (`included_file_refused`), `/readyz` and the output of
`ringback reload` say so. A problem in the config file itself refuses the whole reload.
"""


def reference() -> str:
    """The whole page, as Markdown."""
    sections = [_OPENING, _REPETITION]
    for name, shape in shapes_of(Config).items():
        sections += _section(name, shape, Config.model_fields[name])
    return "\n".join(sections)


def schema() -> str:
    """JSON schema of the file as an operator writes it: secrets by file or environment."""
    tree = Config.model_json_schema()
    for model in _models(Config):
        part = tree if model is Config else tree["$defs"][model.__name__]
        properties = part["properties"]
        for name, shape in shapes_of(model).items():
            _fit(properties[name], shape)
            if properties[name].pop("default", None) is not None and shape.kind != "model":
                properties[name]["default"] = _written_default(model, name)
        for name in secrets_of(model):
            about = properties.pop(name).get("description", "")
            for kind, words in (("file", "the path of a file with it"), ("env", "an environment variable")):
                properties[f"{name}_{kind}"] = {"type": "string", "description": f"{about} Write {words}."}
            if name in part.get("required", ()):
                part["required"].remove(name)
                part["oneOf"] = [{"required": [f"{name}_{kind}"]} for kind in ("file", "env")]
    tree["properties"] |= {
        "include": {
            "description": "More files: paths, folders and patterns.",
            "type": ["string", "array"],
            "items": {"type": "string"},
        },
        "defaults": {"description": "What holds for all items of a section.", "type": "object"},
    }
    tree["patternProperties"] = {"^x-": {"description": "Read for its anchors alone."}}
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **tree}, indent=2) + "\n"


def write(folder: Path = DOCS) -> None:
    """Write both files into ``folder``."""
    (folder / "configuration.md").write_text(reference(), encoding="utf-8")
    (folder / "configuration.schema.json").write_text(schema(), encoding="utf-8")


def _section(path: str, shape: Shape, field: FieldInfo) -> Iterator[str]:
    """A heading and a table for a mapping of settings, then the same for those inside it."""
    item, title = shape, path
    while item.kind in ("named", "list") and item.item:
        title = f"{title}.NAME" if item.kind == "named" else f"{title}[]"
        item = item.item
    if not item.model:
        yield f"## `{path}`\n\n{_one_line(field.description)} Takes {_takes(shape)}.\n"
        return
    yield f"{'#' * min(2 + title.count('.'), 4)} `{title}`\n\n{_one_line(item.model.__doc__)}\n"
    yield "| key | takes | default | meaning |\n| --- | --- | --- | --- |"
    inner: list[tuple[str, Shape, FieldInfo]] = []
    for name, child in shapes_of(item.model).items():
        info = fields_of(item.model)[name]
        about, default = _one_line(info.description), _default(item.model, name)
        if child.kind == "secret":
            other = "or this" if info.is_required() else default
            yield f"| `{name}_file` | the path of a file | {default} | {about} |"
            yield f"| `{name}_env` | an environment variable | {other} | The same. |"
        else:
            yield f"| `{name}` | {_takes(child)} | {default} | {about} |"
        if child.model or (child.item and child.item.model):
            inner.append((f"{title}.{name}", child, info))
    yield ""
    for part in inner:
        yield from _section(*part)


def _takes(shape: Shape) -> str:
    if shape.kind == "choice":
        return " \\| ".join(f"`{choice}`" for choice in shape.choices)
    if shape.kind == "model":
        return "settings, below"
    if shape.item:
        return f"a {'list' if shape.kind == 'list' else 'mapping'}: {_takes(shape.item)}"
    return (shape.form or _KINDS[shape.kind]) + _bounds(shape)


def _default(model: type[BaseModel], name: str) -> str:
    field = fields_of(model)[name]
    if field.is_required():
        return "**required**"
    if isinstance(field.default, BaseModel):
        return ""
    value = _written_default(model, name)
    return "none" if value in (None, "") else f"`{json.dumps(value)}`".replace('"', "")


def _written_default(model: type[BaseModel], name: str) -> Any:
    """The default as an operator would write it."""
    attribute = next(each for each, field in model.model_fields.items() if name in (each, field.alias))
    part = model.model_construct(**{name: fields_of(model)[name].default})
    return part.model_dump(mode="json", include={attribute})[name]


def _bounds(shape: Shape) -> str:
    least = f", at least {shape.least}" if shape.least else ""
    return f"{least}, at most {shape.most}" if shape.most else least


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model inside it."""
    yield model
    for shape in shapes_of(model).values():
        inner: Shape | None = shape
        while inner and inner.item:
            inner = inner.item
        if inner and inner.model:
            yield from _models(inner.model)


def _fit(part: dict[str, Any], shape: Shape) -> None:
    """Let the schema take what the loader takes: our own types are written as texts."""
    if shape.form and shape.kind == "text" and "pattern" not in json.dumps(part):
        kept: dict[str, Any] = {key: part[key] for key in ("title", "description", "default") if key in part}
        part.clear()
        part.update(kept, type=["string", "null"] if shape.nullable else "string")
    elif shape.item:
        inner = part.get("items")
        if isinstance(inner, dict):
            _fit(inner, shape.item)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    write()
