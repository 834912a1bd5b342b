"""Many calls through both queues at once: is every call shown to the agent whose phone the PBX rang?

``python -m tests.pbx.many_calls --calls 100`` asks that of a real Asterisk, and prints the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import statistics
import sys
import tempfile
from pathlib import Path

from phones import wire
from tests.pbx.call_centre import CallCentre, call_centre
from tests.scenarios.world import answers

#: Live calls at once: two agents talk, and somebody waits in each queue.
AT_ONCE = 4
AGENT = answers(hang_up_after=0.8)


@dataclasses.dataclass(frozen=True)
class Shown:
    """One call: whose phones the PBX rang, and whose pages showed it in which state, in the order of time."""

    call_id: str
    rung: list[str]
    pops: list[tuple[str, str]]
    #: Seconds from the INVITE at the phone to the pop in the core.
    after: float

    @property
    def right(self) -> bool:
        """Whether exactly they saw it who were rung, and whoever was rung last had it."""
        offered = [agent for agent, state in self.pops if state == "offered"]
        answered = [agent for agent, state in self.pops if state == "answered"]
        return bool(self.rung) and offered == self.rung and answered == self.rung[-1:]


async def many_calls(centre: CallCentre, count: int, at_once: int = AT_ONCE) -> list[Shown]:
    """Ask for so many calls, each from a number of its own."""
    turns = asyncio.Semaphore(at_once)

    async def one(number: str) -> Shown:
        async with turns:
            call = await centre.office.world.click(number=number, context={"cart": number})
            await call.over(within=60)
        rung = centre.rung(number)
        await centre.popped(call, rung[-1], "over")
        offered = min(
            message["since"]
            for page in centre.pages.values()
            for message in page.told
            if message.get("call_id") == call.id and message.get("state") == "offered"
        )
        invited = min(
            incoming.at
            for phone in centre.phones.values()
            for incoming in phone.seen(wire.Incoming)
            if number in (incoming.header("from") or "")
        )
        return Shown(call.id, rung, centre.pops(call.id), offered - invited)

    return await asyncio.gather(*(one(f"+1617555{2000 + index}") for index in range(count)))


async def _main(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with call_centre(Path(folder), "810", "811", alice=AGENT) as centre:
            await centre.phones["bob"].set_script(AGENT)
            shown = await many_calls(centre, count)
    right = sum(call.right for call in shown)
    after = [1000 * call.after for call in shown]
    by_agent = {agent: sum(call.rung[-1] == agent for call in shown) for agent in centre.phones}
    print(f"{right} of {count} calls were shown to the agent whose phone rang; answered: {by_agent}")
    print(
        f"pop after the INVITE at the phone: median {statistics.median(after):.1f}, most {max(after):.1f} ms"
    )
    for call in shown:
        if not call.right:
            print(f"  {call}")
    return 0 if right == count else 1


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=100)
    sys.exit(asyncio.run(_main(arguments.parse_args().calls)))
