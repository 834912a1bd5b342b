"""What a model expects at each place of a tree, read off its annotations."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from config.database import DatabasePlace
from config.fields import write_duration
from config.marks import Form, NameOf, Usual
from config.problems import Loc

Kind = Literal["model", "named", "list", "choice", "text", "whole", "decimal", "truth", "path", "secret"]
_KINDS: dict[Any, Kind] = {
    str: "text", int: "whole", float: "decimal", bool: "truth", Path: "path", SecretStr: "secret",
    DatabasePlace: "path",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What one setting takes. A type of our own, such as a duration, is ``text`` with its form."""

    kind: Kind
    #: How to write the value, in words that follow "write"; None where the kind says it all.
    form: str | None = None
    nullable: bool = False
    #: Of a ``model``.
    model: type[BaseModel] | None = None
    #: Of what ``named`` (a mapping by name) and ``list`` hold.
    item: Shape | None = None
    #: Of the names of a ``named`` mapping.
    key_form: str | None = None
    #: The sections of which those names name an item.
    key_names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    #: Bounds of a number or a duration, as an operator would write them.
    least: str = ""
    most: str = ""
    #: The sections of which the text names an item.
    names: tuple[str, ...] = ()
    usual: Usual | None = None

    def child(self, step: str | int) -> Shape | None:
        """The shape below, by key or list index; None where nothing may stand."""
        if self.model and isinstance(step, str):
            return shapes_of(self.model).get(step)
        fits = (self.kind == "named" and isinstance(step, str)) or (
            self.kind == "list" and isinstance(step, int)
        )
        return self.item if fits else None


@cache
def shapes_of(model: type[BaseModel]) -> dict[str, Shape]:
    """The shape of each setting."""
    return {name: shape_of(field.annotation, *field.metadata) for name, field in fields_of(model).items()}


@cache
def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields by the names that an operator writes: ``continue`` is no name in Python."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def shape_of(annotation: Any, *metadata: Any) -> Shape:
    """The shape of an annotation; TypeError for one that no setting has used before."""
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        return shape_of(annotation, *inner, *metadata)
    form = next((mark.words for mark in metadata if isinstance(mark, Form)), None)
    names = next((mark.sections for mark in reversed(metadata) if isinstance(mark, NameOf)), ())
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType) and type(None) in arguments:
        (only,) = (argument for argument in arguments if argument is not type(None))
        inner_shape = shape_of(only, *metadata)
        return replace(inner_shape, nullable=True)
    # A duration is a float with a form of its own.
    if annotation in _KINDS and not (annotation is float and form):
        least, most = _bounds(metadata, str)
        return Shape(_KINDS[annotation], form, least=least, most=most, names=names)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape("model", form, model=annotation)
    if origin is Literal:
        return Shape("choice", form, choices=arguments)
    if origin is tuple:
        return Shape("list", item=shape_of(arguments[0]))
    if origin is dict:
        keys = shape_of(arguments[0])
        return Shape("named", item=shape_of(arguments[1]), key_form=keys.form, key_names=keys.names)
    if form:
        least, most = _bounds(metadata, write_duration)
        usual = next((mark for mark in metadata if isinstance(mark, Usual)), None)
        return Shape("text", form, least=least, most=most, usual=usual)
    raise TypeError(f"no shape is known for {annotation!r}")


def _bounds(metadata: tuple[Any, ...], write: Callable[[Any], str]) -> tuple[str, str]:
    """The last lower and upper bound in the annotation, which are the narrowest."""
    least = most = ""
    for mark in metadata:
        for bound in mark.metadata if isinstance(mark, FieldInfo) else (mark,):
            if isinstance(bound, Ge) and bound.ge:
                least = write(bound.ge)
            elif isinstance(bound, Le):
                most = write(bound.le)
    return least, most


def texts(tree: Any, shape: Shape | None, loc: Loc = ()) -> Iterator[tuple[Loc, str, Shape]]:
    """Every text in a tree, with the shape that it should have; what no shape knows is left out."""
    if shape is None:
        return
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from texts(branch, shape.child(key), (*loc, key))
    elif isinstance(tree, list):
        for index, branch in enumerate(tree):
            yield from texts(branch, shape.child(index), (*loc, index))
    elif isinstance(tree, str) and shape.kind == "text":
        yield loc, tree, shape


@cache
def secrets_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Names of the fields that hold secrets."""
    return tuple(name for name, shape in shapes_of(model).items() if shape.kind == "secret")


@cache
def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """What an operator may write in the model's mapping: a secret as ``…_file`` or ``…_env``."""
    return tuple(
        key
        for name, shape in shapes_of(model).items()
        for key in ((f"{name}_file", f"{name}_env") if shape.kind == "secret" else (name,))
    )
