"""Many calls through both queues at once: is every call shown to the agent whose phone the PBX rang?

``python -m tests.pbx.many_calls --calls 100`` asks that of a real Asterisk, and prints the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import statistics
import sys
import tempfile
from pathlib import Path

from phones import wire
from tests.pbx.call_centre import CallCentre, call_centre
from tests.scenarios.world import Click, answers

#: Live calls at once: two agents talk, and somebody waits in each queue.
AT_ONCE = 4
AGENT = answers(hang_up_after=0.8)


@dataclasses.dataclass(frozen=True)
class Shown:
    """One call: whose phones the PBX rang, and whose pages showed it in which state, in the order of time."""

    call_id: str
    rung: list[str]
    pops: list[tuple[str, str]]
    #: Seconds from the first INVITE at a phone to the first pop in the core; None where nobody was shown it.
    after: float | None

    @property
    def offered(self) -> list[str]:
        """Who was shown it, in the order of time."""
        return [agent for agent, state in self.pops if state == "offered"]

    @property
    def right(self) -> bool:
        """Whether exactly those saw it who were rung, and the one who was rung last had it."""
        answered = [agent for agent, state in self.pops if state == "answered"]
        return bool(self.rung) and self.offered == self.rung and answered == self.rung[-1:]

    @property
    def wrong(self) -> bool:
        """Whether somebody saw it whose phone did not ring."""
        return not set(self.offered) <= set(self.rung)


async def many_calls(centre: CallCentre, count: int, cut: float = 0.0) -> list[Shown]:
    """Ask for so many calls, each from a number of its own; halfway the connection is ``cut`` so long."""
    turns = asyncio.Semaphore(AT_ONCE)
    over = 0

    async def one(number: str) -> Shown:
        nonlocal over
        async with turns:
            call = await centre.office.world.click(number=number, context={"cart": number})
            await call.over(within=60)
        over += 1
        if cut and over == count // 2:
            await centre.way.cut()
            await asyncio.sleep(cut)
            await centre.way.restore()
        return await _shown(centre, call)

    return await asyncio.gather(*(one(f"+1617555{2000 + index}") for index in range(count)))


async def _shown(centre: CallCentre, call: Click) -> Shown:
    rung = centre.rung(call.number)
    with contextlib.suppress(AssertionError):  # who was not shown it is to be counted
        await centre.popped(call, rung[-1], "over", within=3)
    offered = [
        float(message["since"])
        for page in centre.pages.values()
        for message in page.told
        if message.get("call_id") == call.id and message.get("state") == "offered"
    ]
    invited = [
        incoming.at
        for phone in centre.phones.values()
        for incoming in phone.seen(wire.Incoming)
        if call.number in (incoming.header("from") or "")
    ]
    after = min(offered) - min(invited) if offered else None
    return Shown(call.id, rung, centre.pops(call.id), after)


async def _main(count: int, cut: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with call_centre(Path(folder), "810", "811", alice=AGENT) as centre:
            await centre.phones["bob"].set_script(AGENT)
            shown = await many_calls(centre, count, cut)
    right, wrong = sum(call.right for call in shown), sum(call.wrong for call in shown)
    after = sorted(1000 * call.after for call in shown if call.after is not None)
    by_agent = {agent: sum(call.rung[-1] == agent for call in shown) for agent in centre.phones}
    print(f"{right} of {count} calls were shown to exactly those whose phones rang; answered: {by_agent}")
    print(f"{wrong} were shown to somebody whose phone did not ring")
    print(
        f"pop after the INVITE at the phone: median {statistics.median(after):.1f}, most {after[-1]:.1f} ms"
    )
    for call in shown:
        if not call.right:
            print(f"  {call}")
    return 0 if right == count or (cut and not wrong) else 1


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=100)
    arguments.add_argument("--cut", type=float, default=0.0, help="seconds without a connection, halfway")
    said = arguments.parse_args()
    sys.exit(asyncio.run(_main(said.calls, said.cut)))
