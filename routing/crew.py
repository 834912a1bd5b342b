"""Who could take a call, were all of them free."""

from __future__ import annotations

from datetime import datetime

from routing.decide import plan_call
from routing.directory import Directory
from routing.plan import ClickToCall
from routing.router import Router


def crew(click: ClickToCall, router: Router, directory: Directory, now: datetime) -> frozenset[str]:
    """The destinations that may ring for a call now or once they are free; nobody where all have left.

    Arguments as those of :func:`routing.decide.plan_call`.
    """
    absent = {name: one for name, one in directory.standings.items() if one.agent in ("away", "offline")}
    steps = plan_call(click, router, "", Directory(absent), now, 0.0).plan.steps
    return frozenset(endpoint.destination for step in steps for endpoint in step.endpoints)
