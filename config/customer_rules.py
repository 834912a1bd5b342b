"""What the settings of customers must keep: a key opens one side alone, an address can be added to."""

from __future__ import annotations

from config.draft import Draft
from config.ending_rules import check_public_url
from config.problems import Loc
from config.rules import check_admin_key


def check_customers(draft: Draft) -> None:
    """Problems and warnings of customers."""
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
