"""That no call is lost: whatever matches, is closed or fails to answer, a message or a callback is its end.

A mirror of how a call walks the tree (``routing.tree`` and ``routing.decide``), in which every condition and
all opening hours may hold or not hold, whatever the others do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.sections.route import Last, Route

#: The names of the routes from one down to another, the first one left out.
Chain = tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What may become of a call that comes to a route."""

    #: Whether the route, with all that is in it, may pass it on.
    passes: bool = True
    #: Routes that may take it and know nothing that follows.
    bare: dict[str, Chain] = field(default_factory=dict)
    #: What may follow when nobody takes it.
    lasts: dict[Last, Chain] = field(default_factory=dict)


class RouteEnds:
    """The ends to which calls may come. The routes have no circles, and are not too deep."""

    def __init__(self, routes: Mapping[str, Route], parents: Mapping[str, str]) -> None:
        self._routes = routes
        self._parents = parents
        self._found: dict[str, _Found] = {}

    def losing(self, entries: Iterable[str]) -> dict[str, str]:
        """The routes to fix, each with a way on which a call that begins at ``entries`` is lost there.

        Of a route and its branches only the uppermost: what is added to it, they inherit.
        """
        ways: dict[str, str] = {}
        waiting: deque[str] = deque()
        lost: dict[str, str] = {}

        def enter(name: str, way: str) -> None:
            if name in self._routes and name not in ways:
                ways[name] = way
                waiting.append(name)

        for entry in entries:
            enter(entry, entry)
        while waiting:
            name = waiting.popleft()
            found, way = self._visit(name), ways[name]
            for bare, chain in found.bare.items():
                lost.setdefault(bare, " → ".join((way, *chain)))
            for last, chain in found.lasts.items():
                if last.kind == "otherwise":
                    enter(last.name, " → ".join((way, *chain, last.name)))
            if found.passes:
                passed = f"{way} ({_why_passed(self._routes[name])})"
                after = self._last(name)
                if after is None:
                    lost.setdefault(name, passed)
                elif after.kind == "otherwise":
                    enter(after.name, f"{passed} → {after.name}")
        return {name: way for name, way in lost.items() if not self._above(name) & lost.keys()}

    def _visit(self, name: str) -> _Found:
        if name not in self._found:
            self._found[name] = self._look(name)
        return self._found[name]

    def _look(self, name: str) -> _Found:
        route = self._routes[name]
        found = _Found(passes=bool(route.when or route.hours))
        # What the branches so far may have made of a call that is still on its way through them: nothing, or
        # it was taken (by some that "continue") without or with something that follows.
        nothing, bare, lasts = True, dict[str, Chain](), dict[Last, Chain]()
        for branch in route.branches:
            if self._parents.get(branch) != name or branch not in self._routes:
                continue  # told already
            below = self._visit(branch)
            if self._routes[branch].continue_:
                if not (below.passes or below.bare):
                    bare, lasts = {}, {}  # what this one knows replaces them
                if nothing:
                    _add(bare, below.bare, branch)
                _add(lasts, below.lasts, branch)
            else:
                if nothing:
                    _add(found.bare, below.bare, branch)
                _add(found.lasts, below.lasts, branch)
                if below.bare:
                    found.bare.update(bare)
                    found.lasts.update(lasts)
                if not below.passes:
                    return found
            nothing = nothing and below.passes
        found.bare.update(bare)
        found.lasts.update(lasts)
        if nothing and not self._takes(name):
            found.passes = True
        elif nothing:
            last = self._last(name)
            if last is None:
                found.bare[name] = ()
            else:
                found.lasts.setdefault(last, ())
        return found

    def _takes(self, name: str) -> bool:
        """Whether a route takes what its branches do not; as RouteNode.takes."""
        if self._routes[name].last:
            return True
        steps = (self._routes[each].steps for each in self._ancestry(name))
        return bool(next((found for found in steps if found is not None), None))

    def _last(self, name: str) -> Last | None:
        """What follows when nobody takes a call there, its own or inherited."""
        lasts = (self._routes[each].last for each in self._ancestry(name))
        return next((last for last in lasts if last), None)

    def _above(self, name: str) -> set[str]:
        return set(self._ancestry(name)) - {name}

    def _ancestry(self, name: str) -> Iterator[str]:
        here: str | None = name
        while here is not None and here in self._routes:
            yield here
            here = self._parents.get(here)


def _add(to: dict[Any, Chain], those: Mapping[Any, Chain], branch: str) -> None:
    """Add what was found below a branch."""
    for key, chain in those.items():
        to.setdefault(key, (branch, *chain))


def _why_passed(route: Route) -> str:
    if route.hours:
        return "closed"
    return "no match" if route.when else "no branch"
