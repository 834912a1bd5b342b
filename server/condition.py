"""How the parts are that calls need, as operators are told."""

from __future__ import annotations

from collections.abc import Mapping

from api.operator.state import PoolRoom
from calls.waiting_room import WaitingRoom
from cti.ami.link import LinkState
from cti.asterisk import Asterisks
from media.probes import Usable
from media.registrations import TrunkRegistration
from media.service import MediaService
from media.trunk_conditions import TrunkCondition
from server.fitness import Fitness
from store.calls import SqlCallStore


class NodeCondition:
    """:class:`server.rooms.PartsCondition` of the parts of one node."""

    def __init__(
        self,
        pool: MediaService,
        fitness: Fitness,
        store: SqlCallStore,
        waiting: WaitingRoom,
        asterisks: Asterisks,
    ) -> None:
        self._pool = pool
        self._fitness = fitness
        self._store = store
        self._waiting = waiting
        self._asterisks = asterisks

    def pool(self) -> PoolRoom:
        """The media workers."""
        pool = self._pool.snapshot()
        workers = sum(pool.workers.values())
        return PoolRoom(
            workers=workers,
            slots=pool.slots_used + pool.slots_free,
            free_slots=pool.slots_free,
            has_room=pool.slots_free >= 2 or workers < pool.max_workers,
        )

    def trunks(self) -> Mapping[str, TrunkRegistration]:
        """The trunks that register, by name."""
        return self._pool.trunks

    def trunk_conditions(self) -> Mapping[str, TrunkCondition]:
        """The condition of every trunk, by name."""
        return self._pool.trunk_conditions

    def asterisks(self) -> Mapping[str, LinkState]:
        """The Asterisks of the settings, by name."""
        return self._asterisks.states()

    def usable(self) -> Usable:
        """Whether messages can be recorded and texts be spoken."""
        return self._fitness.usable()

    def waiting(self) -> Mapping[str, int]:
        """How many calls wait in each queue."""
        return {queue: standing.waiting for queue, standing in self._waiting.snapshot().items()}

    async def check_store(self) -> None:
        """Write, and leave nothing behind; raises store.errors.StoreError where no write is possible."""
        await self._store.check()
