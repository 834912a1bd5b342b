"""The trunks, for operators: which of them can carry calls, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.operator.models import TrunkList, TrunkView
from api.routes import Audience, UrlRow
from config.models import Config
from media.registrations import TrunkRegistration
from media.trunk_conditions import TrunkCondition


class TrunkBoard:
    """How the trunks are: ``conditions`` of all, ``registrations`` of those that register, by name."""

    def __init__(
        self,
        config: Callable[[], Config],
        conditions: Callable[[], Mapping[str, TrunkCondition]],
        registrations: Callable[[], Mapping[str, TrunkRegistration]],
    ) -> None:
        self._config = config
        self.conditions = conditions
        self.registrations = registrations

    def views(self) -> list[TrunkView]:
        """Every trunk of the settings, and every one that registers."""
        return _views(self.conditions(), self.registrations())

    def can_dial_shoppers(self) -> bool:
        """Whether some site can reach its shoppers: by PC, or through a trunk that is not known to be dead.

        With several sites a single broken trunk is no reason to send nobody here.
        """
        conditions = self.conditions()

        def works(name: str) -> bool:
            return conditions[name].usable if name in conditions else True

        return any(
            "pc" in site.talk_methods or any(works(name) for name in (site.trunk, *site.backup_trunks))
            for site in self._config().sites.values()
        )


class TrunkEndpoints:
    """Shows the trunks."""

    def __init__(self, trunks: TrunkBoard) -> None:
        self._trunks = trunks

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the trunks."""
        return (UrlRow("GET", "/v1/trunks", self.list, "trunks", Audience.SERVER),)

    async def list(self) -> TrunkList:
        """Every trunk, with its addresses, its registration, and how it took pings and calls."""
        return TrunkList(trunks=self._trunks.views())


def _views(
    conditions: Mapping[str, TrunkCondition], registrations: Mapping[str, TrunkRegistration]
) -> list[TrunkView]:
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
