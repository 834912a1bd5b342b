"""The trunks, for operators: which of them can carry calls, and what is wrong with the others."""

from __future__ import annotations

from api.core import Core
from api.wire import TrunkList, TrunkView
from media.trunk_states import TrunkCondition


class Trunks:
    """The endpoint of ``/v1/trunks``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list(self) -> TrunkList:
        """Every trunk, with its addresses, its registration, and how it took pings and calls."""
        return TrunkList(trunks=trunk_views(self._core))


def trunk_views(core: Core) -> list[TrunkView]:
    """Every trunk of the settings, and every one that registers."""
    conditions, registrations = core.trunk_conditions(), core.trunks()
    views = []
    for name in sorted({*conditions, *registrations}):
        condition = conditions.get(name, TrunkCondition())
        registration = registrations.get(name)
        views.append(
            TrunkView(
                name=name,
                state=condition.state,
                since=condition.since,
                reason=condition.reason or condition.name_problem,
                registered=registration.registered if registration else None,
                status=registration.status if registration else 0,
                addresses=list(condition.addresses),
                name_problem=condition.name_problem,
                held_until=condition.held_until,
                last_status=condition.status,
                ping_seconds=condition.ping_seconds,
                failures=condition.failures,
            )
        )
    return views


def can_dial_shoppers(core: Core) -> bool:
    """Whether some site can reach its shoppers: by PC, or through a trunk that is not known to be dead.

    With several sites a single broken trunk is no reason to send nobody here.
    """
    conditions = core.trunk_conditions()

    def works(name: str) -> bool:
        return conditions[name].usable if name in conditions else True

    return any(
        "pc" in site.talk_methods or any(works(name) for name in (site.trunk, *site.backup_trunks))
        for site in core.config().sites.values()
    )
