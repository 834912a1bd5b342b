"""Who it was, from what their page passed and their retailer signed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chat.flow import EMAIL, NUMBER
from config.models import Config
from follow.lead import LeadPerson
from routing.plan import ClickToCall

#: What pages and servers of shops call these, and what guided questions do.
NAMES, MAILS, NUMBERS = ("customer.name",), ("customer.email", EMAIL), (NUMBER, "customer.phone")
#: A browser's id. Anything else that a chat is counted by may be many people's, such as an address.
_BROWSER = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MAIL = re.compile(r"[^\s@<>\",;:]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_LONGEST_NAME = 80


def person_of(
    config: Config,
    site: str,
    number: str,
    context: Mapping[str, str],
    signed: Mapping[str, str],
    visitor: str = "",
) -> LeadPerson:
    """The person of a call or chat; what was signed counts before what the page claims."""
    known = config.sites.get(site)
    key = known.screen_pop.visitor if known else None
    told = _first(NUMBERS, signed, context)
    mail = _first(MAILS, signed, context)
    return LeadPerson(
        number=number or (told if _NUMBER.fullmatch(told) else ""),
        mail=mail if _MAIL.fullmatch(mail) else "",
        signed_id=signed.get(key, "") if key else "",
        visitor=visitor if _BROWSER.fullmatch(visitor) else "",
        name=" ".join(_first(NAMES, signed, context).split())[:_LONGEST_NAME],
    )


def person_of_click(config: Config, click: ClickToCall) -> LeadPerson:
    """The person who asked for a call."""
    return person_of(config, click.site, click.number, click.context, click.signed)


def is_mail(text: str) -> bool:
    """Whether this may be written to."""
    return _MAIL.fullmatch(text) is not None


def _first(names: tuple[str, ...], *fields: Mapping[str, str]) -> str:
    """The first of these names that is told, stripped."""
    found = (each.get(name, "").strip() for each in fields for name in names)
    return next(filter(None, found), "")
