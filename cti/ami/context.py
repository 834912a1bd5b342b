"""What Asterisk and the programs around it are told of a call: channel variables and UserEvents. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from asterisk.ami.action import Action

from config.sections.asterisk import Asterisk
from cti.ami.packets import one_line
from routing.headers import fill
from routing.plan import ClickToCall

#: The UserEvent that tells of our calls.
USER_EVENT = "RingbackCall"
#: The most that one UserEvent tells of what is known, in keys; AMI reads no longer packets.
MOST_KEYS = 80
_NO_KEY = re.compile(r"[^A-Za-z0-9_.-]")


def variables(settings: Asterisk, click: ClickToCall, call_id: str) -> Iterator[tuple[str, str]]:
    """The variables of a call's channel, those that every call has first."""
    yield "RINGBACK_CALL_ID", call_id
    yield "RINGBACK_SITE", one_line(click.site)
    yield "RINGBACK_PAGE", one_line(click.page)
    for name, template in settings.variables.items():
        yield name, one_line(fill(template, click, call_id))


def user_event(call_id: str, click: ClickToCall, about: Mapping[str, str], hidden: Collection[str]) -> Action:
    """The UserEvent: what has happened, and what is known except what is hidden.

    What was signed and what is merely claimed are kept apart.
    """
    keys = {"UserEvent": USER_EVENT, "CallId": call_id, **about}
    keys |= {"Site": one_line(click.site), "Page": one_line(click.page)}
    said = [("Signed", key, text) for key, text in click.signed.items()]
    said += [("Claimed", key, text) for key, text in click.context.items()]
    for kind, key, text in [each for each in said if each[1] not in hidden][:MOST_KEYS]:
        keys[f"{kind}-{_NO_KEY.sub('_', key)[:60]}"] = one_line(text)
    return Action("UserEvent", keys)
