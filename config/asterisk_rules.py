"""What Asterisks, and agents' phones behind them, must keep beyond their own form."""

from __future__ import annotations

from config.addresses import is_loopback
from config.asterisk import Asterisk
from config.destination_rules import PLACEHOLDERS, check_template
from config.draft import Draft
from config.problems import Loc

#: What Ringback sets on every channel itself.
OWN_VARIABLES = ("RINGBACK_CALL_ID", "RINGBACK_SITE", "RINGBACK_PAGE")


def check_asterisk(draft: Draft) -> None:
    """Problems and warnings of both."""
    for name, asterisk in draft.asterisk.items():
        _asterisk(draft, ("asterisk", name), asterisk)
    _interfaces(draft)
    for name, destination in draft.destinations.items():
        if destination.origination is not None and not (destination.sip and destination.trunk):
            draft.wrong(
                ("destinations", name, "origination"),
                'needs "sip", for when Asterisk cannot be told to, and the "trunk" that leads there',
            )


def _asterisk(draft: Draft, loc: Loc, asterisk: Asterisk) -> None:
    if not asterisk.tls and not is_loopback(asterisk.manager.host):
        draft.doubtful(
            (*loc, "manager"), "what this Asterisk tells crosses the network in the clear: set tls to true"
        )
    if asterisk.ca_file and not asterisk.tls:
        draft.doubtful((*loc, "ca_file"), "has no effect while tls is false")
    for name, template in asterisk.variables.items():
        here = (*loc, "variables", name)
        if name.lstrip("_") in OWN_VARIABLES:
            draft.wrong(here, "Ringback sets this variable itself: choose another name")
        check_template(draft, here, template, PLACEHOLDERS)


def _interfaces(draft: Draft) -> None:
    known = draft.named("asterisk")
    first_with: dict[tuple[str, str | None], str] = {}
    for name, agent in draft.agents.items():
        loc: Loc = ("agents", name)
        if agent.interface is None:
            if agent.asterisk is not None:
                draft.doubtful((*loc, "asterisk"), 'has no effect without "interface"')
            continue
        if not known:
            draft.wrong((*loc, "interface"), 'nothing tells of this phone: add the section "asterisk"')
        elif agent.asterisk is None and len(known) > 1:
            draft.wrong((*loc, "interface"), f'several Asterisks: add "asterisk", one of {", ".join(known)}')
        key = (agent.interface, agent.asterisk)
        if key in first_with:
            draft.wrong((*loc, "interface"), f"agent {first_with[key]} has the same phone: choose another")
        first_with.setdefault(key, name)
