"""What the desk's settings must keep beyond their own form."""

from __future__ import annotations

from config.desk import Desk, PagePush, origin_of
from config.draft import Draft
from config.models import Site
from config.problems import Loc
from config.rules import check_origin


def check_desk(draft: Draft) -> None:
    """Problems and warnings of the desk, and of the pages that it pushes."""
    for name, site in draft.sites.items():
        if site.page_push is not None:
            _pages(draft, ("sites", name, "page_push"), site, site.page_push)
    desks: list[tuple[Loc, Desk | None]] = [(("desk",), draft.desk)]
    desks += [(("customers", name, "desk"), customer.desk) for name, customer in draft.customers.items()]
    for here, desk in desks:
        if desk and desk.wrap_up and not desk.codes and draft.named("agents"):
            draft.doubtful(
                (*here, "wrap_up"), 'agents have no code to end it with: name some in "codes", or take it out'
            )


def _pages(draft: Draft, loc: Loc, site: Site, push: PagePush) -> None:
    for index, named in enumerate(push.origins):
        check_origin(draft, (*loc, "origins", index), named)
    allowed = {*site.origins, *push.origins}
    for number, page in push.catalogue.items():
        here: Loc = (*loc, "catalogue", number, "url")
        origin = origin_of(page.url)
        if origin is None:
            draft.wrong(
                here, "not an address that every browser reads alike: write it in ASCII, with %20 for a space"
            )
        elif origin not in allowed:
            draft.wrong(here, f'shoppers are not sent to {origin}: add it to "origins" of the push')
    if push.keys and not push.catalogue:
        draft.doubtful((*loc, "keys"), 'there is no page to key in: add a "catalogue"')
    if not push.any_page and not push.catalogue:
        draft.doubtful(loc, 'no page can be pushed: add a "catalogue", or allow any_page')
