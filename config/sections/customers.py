"""The section ``customers``: the companies that one server serves.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from config.base import AGENT, Model, Url
from config.checks.addresses import check_public_url
from config.checks.secrets import check_admin_key
from config.draft import Draft
from config.fields import Secret
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.agents import Agent
from config.sections.desk import Desk, warn_of_wrap_up
from config.sections.route import Route, reached
from config.sections.server import Server
from config.sections.sites import Site


class Customer(Model):
    """A company that some of the sites belong to: each of its sites, and its agents, name it as
    `customer`."""

    public_url: Url | None = None
    """Where this customer's shoppers and agents reach this server: the beginning of the links that they are
    given. Without one, `server.public_url`."""
    admin_key: Secret | None = None
    """Key of the operator's side of the API for this customer: it opens what is of the customer's own sites,
    and nothing else. See [one server, several customers](operating.md#one-server-several-customers)."""
    desk: Desk | None = None
    """What this customer's agents find at their desk, all of it in place of `desk`: wrap-up codes and
    transfers of their own."""


def check_customers(draft: Draft) -> None:
    """Problems and warnings of customers."""
    _keys(draft)
    _agents(draft)
    for name, customer in draft.items(Customer).items():
        warn_of_wrap_up(draft, ("customers", name, "desk"), customer.desk)


def _keys(draft: Draft) -> None:
    opens: dict[str, tuple[str, Loc]] = {}
    server = draft.section(Server)
    if server and server.admin_key:
        here = draft.written(("server", "admin_key_file"), ("server", "admin_key_env"))
        opens[server.admin_key.get_secret_value()] = ("the server", here)
    for name, customer in draft.items(Customer).items():
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
            draft.wrong(here, f"{owner} has the same key ({where}): create one for this customer only")
        opens.setdefault(customer.admin_key.get_secret_value(), (f"customer {name}", here))


def _agents(draft: Draft) -> None:
    """A problem for each ring step by which an agent of one customer would see the shoppers of another."""
    if not any(agent.customer for agent in draft.items(Agent).values()):
        return
    for name, site in draft.items(Site).items():
        for route in reached(draft.items(Route), [site.route, *([site.chat.route] if site.chat else [])]):
            for index, step in enumerate(draft.items(Route)[route].steps or ()):
                for place, destination in enumerate(step.destinations):
                    agent = draft.items(Agent).get(destination.removeprefix(AGENT))
                    if not destination.startswith(AGENT) or agent is None or agent.customer is None:
                        continue
                    if agent.customer != site.customer:
                        draft.wrong(
                            ("routes", route, "steps", index, "destinations", place),
                            f"this agent works only for {agent.customer}, and calls of site {name} come "
                            "here: give each customer a route, or remove the agent's customer",
                        )


CUSTOMERS = Section(checks=(check_customers,), unused=UNUSED)
