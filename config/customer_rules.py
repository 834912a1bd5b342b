"""What the settings of customers must keep: a key opens one side alone, an address can be added to."""

from __future__ import annotations

from config.base import AGENT
from config.draft import Draft
from config.ending_rules import check_public_url
from config.problems import Loc
from config.rules import check_admin_key


def check_customers(draft: Draft) -> None:
    """Problems and warnings of customers."""
    _keys(draft)
    _agents(draft)


def _keys(draft: Draft) -> None:
    opens: dict[str, tuple[str, Loc]] = {}
    if draft.server and draft.server.admin_key:
        here = draft.written(("server", "admin_key_file"), ("server", "admin_key_env"))
        opens[draft.server.admin_key.get_secret_value()] = ("the server", here)
    for name, customer in draft.customers.items():
        loc: Loc = ("customers", name)
        if customer.public_url is not None:
            check_public_url(draft, (*loc, "public_url"), customer.public_url)
        if customer.admin_key is None:
            continue
        here = draft.written((*loc, "admin_key_file"), (*loc, "admin_key_env"))
        check_admin_key(draft, here, customer.admin_key)
        if earlier := opens.get(customer.admin_key.get_secret_value()):
            owner, place = earlier[0], draft.source.place(earlier[1])
            where = f"{place.file}:{place.line}" if place.file else f"line {place.line}"
            draft.wrong(here, f"{owner} has the same key ({where}): make one for this customer alone")
        opens.setdefault(customer.admin_key.get_secret_value(), (f"customer {name}", here))


def _agents(draft: Draft) -> None:
    """A problem for each ring step by which an agent of one customer would see the shoppers of another."""
    if not any(agent.customer for agent in draft.agents.values()):
        return
    for name, site in draft.sites.items():
        for route in _reached(draft, site.route):
            for index, step in enumerate(draft.routes[route].steps or ()):
                for place, destination in enumerate(step.destinations):
                    agent = draft.agents.get(destination.removeprefix(AGENT))
                    if not destination.startswith(AGENT) or agent is None or agent.customer is None:
                        continue
                    if agent.customer != site.customer:
                        draft.wrong(
                            ("routes", route, "steps", index, "destinations", place),
                            f"this agent works for {agent.customer} alone, and calls of the site {name} come "
                            "here: give each customer a route, or take the agent's customer out",
                        )


def _reached(draft: Draft, start: str) -> list[str]:
    """The routes that calls of a site may come to."""
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in found or (route := draft.routes.get(name)) is None:
            continue
        found[name] = None
        waiting += [*route.branches, *([route.otherwise] if route.otherwise else [])]
    return list(found)
