"""What the routes must keep as a tree: no way in a circle, one parent each, a way in and an end for each.

A call walks from a route to its branches, and from a route whose steps are exhausted to ``otherwise``.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.draft import Draft
from config.problems import Loc
from config.sections.route import Route
from config.sections.route_ends import RouteEnds

#: Branches within branches, at most.
DEEPEST = 32


def check_route_tree(draft: Draft) -> None:
    """Problems for circles, second parents and routes without steps; warnings for routes out of reach."""
    parents = _parents(draft)
    circles = _circles(draft, parents)
    if not circles and _depths(draft, parents):
        _steps(draft, parents, _ends(draft, parents))
        _reach(draft, parents)
    _last_resorts(draft)


def _parents(draft: Draft) -> dict[str, str]:
    """The route that each branch belongs to."""
    parents: dict[str, str] = {}
    for name, route in draft.items(Route).items():
        for index, branch in enumerate(route.branches):
            loc: Loc = ("routes", name, "branches", index)
            if branch in parents:
                draft.wrong(
                    loc,
                    f"{branch} is a branch of {parents[branch]} already: a route can have only one parent",
                )
            parents.setdefault(branch, name)
    return parents


def _circles(draft: Draft, parents: dict[str, str]) -> bool:
    """Whether some way leads in a circle; each such circle is told once, at the line that closes it."""
    done: set[str] = set()
    found = False
    for start in draft.items(Route):
        path: list[str] = []
        on_path: set[str] = set()
        ways: list[Iterator[tuple[Loc, str]]] = [_ways(draft, parents, start)]
        path.append(start)
        on_path.add(start)
        while ways:
            loc, after = next(ways[-1], ((), ""))
            if not loc:
                ways.pop()
                done.add(path[-1])
                on_path.discard(path.pop())
            elif after in on_path:
                circle = [*path[path.index(after) :], after]
                draft.wrong(loc, f"calls would go in a circle: {' → '.join(circle)}")
                found = True
            elif after not in done and after in draft.items(Route):
                ways.append(_ways(draft, parents, after))
                path.append(after)
                on_path.add(after)
    return found


def _ways(draft: Draft, parents: dict[str, str], name: str) -> Iterator[tuple[Loc, str]]:
    """Where a call may go from a route, with the setting that says so."""
    for index, branch in enumerate(draft.items(Route)[name].branches):
        if parents.get(branch) == name:
            yield ("routes", name, "branches", index), branch
    for owner in _ancestry(parents, name):
        route = draft.items(Route).get(owner)
        if route and route.last:
            if route.last.kind == "otherwise":
                yield ("routes", owner, "otherwise"), route.last.name
            return


def _ancestry(parents: dict[str, str], name: str) -> Iterator[str]:
    """The route, its parent, and so on; ends even where they form a circle."""
    seen: set[str] = set()
    here: str | None = name
    while here is not None and here not in seen:
        seen.add(here)
        yield here
        here = parents.get(here)


def _depths(draft: Draft, parents: dict[str, str]) -> bool:
    """Whether no route lies too deep."""
    deep = [name for name in draft.items(Route) if len(list(_ancestry(parents, name))) > DEEPEST]
    for name in deep:
        draft.wrong(("routes", name), f"more than {DEEPEST} levels deep: move it up")
    return not deep


def _last_resorts(draft: Draft) -> None:
    """Problems for routes that would end in two ways."""
    for name, route in draft.items(Route).items():
        given = [key for key in ("otherwise", "message", "callback") if getattr(route, key) is not None]
        for key in given[1:]:
            draft.wrong(
                ("routes", name, key), f'a route can have only one ending: it already has "{given[0]}"'
            )


def _ends(draft: Draft, parents: dict[str, str]) -> set[str]:
    """Problems for ways on which a shopper would be left with nothing; the routes that were told about."""
    if len(draft.items(Route)) < len(draft.named("routes")):
        return set()  # the routes that are not valid may be what a way needs
    entries = [name for _, name in draft.at(("sites", "*", "route"))]
    losing = RouteEnds(draft.items(Route), parents).losing(entries)
    for name, way in losing.items():
        text = f'a shopper can be left with nothing: {way}: add "message", "callback" or "otherwise"'
        draft.wrong(("routes", name), text)
    return set(losing)


def _steps(draft: Draft, parents: dict[str, str], told: set[str]) -> None:
    for name, route in draft.items(Route).items():
        # A parent that is not valid by itself has been told about.
        known = [draft.items(Route).get(each) for each in _ancestry(parents, name)]
        if route.steps is not None and not route.steps and not route.last:
            text = 'needs at least one item, where the route has no "message", "callback" or "otherwise"'
            draft.wrong(("routes", name, "steps"), text)
        elif (
            name not in told
            and not route.branches
            and not any(each is None or each.steps or each.last for each in known)
        ):
            text = 'nobody rings: add "steps", "branches", "message", "callback" or "otherwise"'
            draft.wrong(("routes", name), f"{text}, here or above")
        if route.continue_ and name not in parents:
            draft.doubtful(("routes", name, "continue"), "has no effect: this route is not a branch")


def _reach(draft: Draft, parents: dict[str, str]) -> None:
    named = {branch for route in draft.items(Route).values() for branch in route.branches}
    named |= {route.otherwise for route in draft.items(Route).values() if route.otherwise}
    named |= {name for _, name in draft.at(("sites", "*", "route"))}
    waiting = [name for _, name in draft.at(("sites", "*", "route")) if name in draft.items(Route)]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached and name in draft.items(Route):
            reached.add(name)
            waiting += [after for _, after in _ways(draft, parents, name)]
    for name in draft.items(Route):
        if name in named and name not in reached:
            draft.doubtful(
                ("routes", name), "no call can reach this route: the routes that lead here are unused, too"
            )
    for name, route in draft.items(Route).items():
        for index, branch in enumerate(route.branches):
            child = draft.items(Route).get(branch)
            if child and index + 1 < len(route.branches) and _takes_all(child):
                draft.doubtful(
                    ("routes", name, "branches", index + 1),
                    f'no call can reach this branch: {branch} before it has no "when", and takes every call',
                )
                break


def _takes_all(route: Route) -> bool:
    """Whether a branch matches every call, so that its later siblings never have one."""
    # A branch that only groups further branches may pass a call on to its siblings.
    return not (route.when or route.hours or route.continue_ or route.branches)
