"""The type of the reactor that every module here gets handed in."""

from __future__ import annotations

from typing import Any, TypeAlias

#: Twisted describes its reactor by Zope interfaces, which mypy cannot check: it stays unchecked here.
Reactor: TypeAlias = Any
