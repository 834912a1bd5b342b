"""A section of the settings is one module and one line of Config: nothing about it is written elsewhere."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from config import sections as package
from config.layout import ROOT
from config.models import Config, sections
from config.section import Section
from config.shape import Shape, shapes_of


def test_each_section_of_the_file_brings_its_own_checks() -> None:
    assert list(sections()) == list(Config.model_fields)


def test_no_section_is_forgotten_in_the_config() -> None:
    for module in pkgutil.iter_modules(package.__path__):
        found = vars(import_module(f"config.sections.{module.name}")).values()
        for section in (each for each in found if isinstance(each, Section)):
            assert any(section is known for known in sections().values()), module.name


def test_what_settings_name_are_sections_of_named_items() -> None:
    named = {name for name, shape in shapes_of(Config).items() if shape.kind == "named"}
    found = {name for shape in _every(ROOT) for name in shape.names}
    assert found
    assert found <= named


def _every(shape: Shape) -> Iterator[Shape]:
    yield shape
    if shape.item:
        yield from _every(shape.item)
    if shape.model:
        for child in shapes_of(shape.model).values():
            yield from _every(child)
