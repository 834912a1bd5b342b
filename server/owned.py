"""Runs what only one node at a time may do, for as long as this node has the lease of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from store import lease
from store.errors import DatabaseUnusableError, StoreError
from store.lease import Lease, mine_until
from store.leases import LeaseBeat
from store.lives import node_of

log = structlog.get_logger(__name__)


class OwnedWork(Protocol):
    """A part that one node at a time runs. It may be started again after it was stopped."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""


class LeaseStore(Protocol):
    """Where the leases are."""

    async def beat(self, names: Sequence[str]) -> LeaseBeat:
        """Hold on to one's own, take what is nobody's; StoreError."""

    async def give_up(self, names: Sequence[str]) -> None:
        """Let others have these; StoreError."""


class OwnedParts:
    """Starts and stops parts, by the names of their leases, as leases are won and lost.

    ``leases`` is None where no other node can be: all parts run then.
    """

    def __init__(self, parts: Mapping[str, OwnedWork], leases: LeaseStore | None) -> None:
        self._parts = parts
        self._leases = leases
        self._mine: dict[str, _Held] = {}
        self._keeping: asyncio.Task[None] | None = None

    def mine(self) -> Mapping[str, int]:
        """The parts that run here, with the epochs of their leases; 0 where there are none."""
        if self._leases is None:
            return dict.fromkeys(self._parts, 0)
        return {name: each.epoch for name, (each, _) in self._mine.items()}

    async def come_alone(self) -> None:
        """Refuse to be the second server on a database: StoreError that tells who is the first.

        Callbacks due, follow-up, chats and spend have no owner yet: two servers would act on each twice.
        """
        if self._leases is None:
            return
        theirs = (await self._leases.beat(list(self._parts))).theirs
        for each in theirs.values():
            raise DatabaseUnusableError(
                f"the node {node_of(each.owner)} is on this database, and several servers on one are still to"
                " come: stop that one first"
            )

    async def start(self) -> None:
        """Start what is nobody's. Raises what the store and the parts raise."""
        if self._leases is None:
            for part in self._parts.values():
                await part.start()
            return
        await self._go_on(await self._ask(self._leases))
        self._keeping = asyncio.create_task(self._keep(self._leases), name="leases")

    async def stop(self) -> None:
        """Stop what runs here, and let others have it at once."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        names = list(self._parts if self._leases is None else self._mine)
        self._mine.clear()
        await asyncio.gather(*(self._parts[name].stop() for name in names))
        if self._leases is not None and names:
            try:
                await self._leases.give_up(names)
            except StoreError as error:  # others wait until they run out
                log.warning("leases_not_given_up", error=str(error))

    async def _keep(self, leases: LeaseStore) -> None:
        while True:
            await asyncio.sleep(lease.BEAT)
            try:
                # Without an answer by then, what runs here ends: others may have it.
                async with asyncio.timeout_at(min((until for _, until in self._mine.values()), default=None)):
                    told = await self._ask(leases)
            except (StoreError, TimeoutError) as error:
                log.warning("leases_not_renewed", error=str(error) or "no answer in time")
                soon = asyncio.get_running_loop().time() + lease.BEAT
                lost = [name for name, (_, until) in self._mine.items() if until <= soon]
                await self._go_on({name: it for name, it in self._mine.items() if name not in lost})
            else:
                await self._go_on(told)

    async def _ask(self, leases: LeaseStore) -> dict[str, _Held]:
        asked_at = asyncio.get_running_loop().time()
        beat = await leases.beat(list(self._parts))
        return {name: (each, mine_until(each, beat.now, asked_at)) for name, each in beat.mine.items()}

    async def _go_on(self, mine: dict[str, _Held]) -> None:
        """Stop what is this node's no more, and start what is now."""
        before, self._mine = self._mine, mine
        # One that ran out and was got again is a new one: somebody else may have had it in between.
        lost = [name for name, (each, _) in before.items() if _epoch(mine, name) != each.epoch]
        won = [name for name, (each, _) in mine.items() if _epoch(before, name) != each.epoch]
        for name in lost:
            log.warning("lease_lost", lease=name)
        await asyncio.gather(*(self._parts[name].stop() for name in lost))
        for name in won:
            log.info("lease_won", lease=name, epoch=_epoch(mine, name))
            await self._parts[name].start()


#: A lease that this node has, and until when it may act, on the loop's clock.
_Held = tuple[Lease, float]


def _epoch(leases: Mapping[str, _Held], name: str) -> int | None:
    return leases[name][0].epoch if name in leases else None
