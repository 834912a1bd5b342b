"""The pages that agents may send a site's shoppers to.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from config.base import Model, Origin, Url
from config.checks.addresses import check_origin
from config.draft import Draft
from config.marks import Form
from config.problems import Loc
from config.sections.desk import Label
from config.sections.speech import Words

PageId = Annotated[
    str,
    Field(pattern=r"^[1-9][0-9]{0,5}$"),
    Form("a number with at most 6 digits, such as 12, which is also what agents key in"),
]
#: What is surely the same address for us and for any browser, which corrects malformed ones: an origin,
#: and what follows it (RFC 3986).
_ADDRESS = re.compile(
    r"(https?)://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
    r"([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?",
    # Without ASCII, the long s of old print matches an s too, which no browser takes for one.
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
LONGEST_URL = 2000


class CataloguePage(Model):
    """A page that shoppers may be sent to."""

    title: Label
    """What agents and shoppers are shown: "Opening hours"."""
    url: Url
    """The page, on one of the site's `origins` or of the push's."""


class PagePush(Model):
    """How agents send shoppers of this site to a page. Without this section they do not."""

    mode: Literal["ask", "go"] = "ask"
    """Whether the shopper is asked first (`ask`), or their browser just goes there (`go`). Who talks by PC is
    always asked."""
    origins: tuple[Origin, ...] = ()
    """More origins, besides the site's own, whose pages may be opened."""
    catalogue: dict[PageId, CataloguePage] = {}
    """Pages by their numbers."""
    any_page: bool = True
    """Whether agents may type the address of any page of these origins."""
    keys: bool = False
    """Whether the person on the call may push pages by touch-tone: `*12#` page 12, `*0#` lists them. The
    shopper does not hear these keys; nor does a machine that the shopper is."""
    pushed_text: Words = "Page {page}, {title}, is sent."
    """What the person who pressed the keys hears when the page was sent. {page} is its number, {title} its
    title."""
    not_open_text: Words = "The shopper has no page open."
    """The same, where no page of the shopper's is connected."""
    unknown_page_text: Words = "There is no page {page}. Press star zero pound for the list."
    """The same, for a number that the catalogue has not."""
    list_text: Words = "{pages}."
    """What `*0#` says; {pages} is the list of numbers and titles."""


def origin_of(url: str) -> str | None:
    """The origin of a URL as browsers write it (RFC 6454 section 6.2); None for what is none for certain."""
    found = _ADDRESS.fullmatch(url) if len(url) <= LONGEST_URL else None
    if found is None:
        return None
    scheme = found[1].lower()
    port = found[4] or ""
    return f"{scheme}://{found[2].lower()}{'' if port == _DEFAULT_PORTS[scheme] else port}"


def check_page_push(draft: Draft, loc: Loc, push: PagePush, site_origins: Iterable[str]) -> None:
    """Problems and warnings of the pages that shoppers may be sent to."""
    for index, named in enumerate(push.origins):
        check_origin(draft, (*loc, "origins", index), named)
    allowed = {*site_origins, *push.origins}
    for number, page in push.catalogue.items():
        here: Loc = (*loc, "catalogue", number, "url")
        origin = origin_of(page.url)
        if origin is None:
            draft.wrong(
                here, "browsers may read this address differently: write it in ASCII, with %20 for a space"
            )
        elif origin not in allowed:
            draft.wrong(here, f'shoppers cannot be sent to {origin}: add it to "origins" of page_push')
    if push.keys and not push.catalogue:
        draft.doubtful((*loc, "keys"), 'there is no page to key in: add a "catalogue"')
    if not push.any_page and not push.catalogue:
        draft.doubtful(loc, 'no page can be pushed: add a "catalogue", or allow any_page')
