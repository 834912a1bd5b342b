"""A core of its own, to be killed: prints the pids of its zygote and its workers, and lives on."""

from __future__ import annotations

import asyncio

from twisted.internet import asyncioreactor

loop = asyncio.new_event_loop()
asyncioreactor.install(loop)

from tests.media.rig import Rig, sip_settings, zygote  # noqa: E402 - after the reactor


async def live() -> None:
    from config.sections.media import Media

    rig = Rig()
    rig.media.configure(sip_settings(), Media(max_workers=4, spare_workers=2), {})
    await rig.media.start()
    supervisor = rig.media._supervisor
    while any(worker.pid is None for worker in supervisor.workers.values()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # a worker may be ready before its zygote has told of it
    print(zygote(rig).pid, *(worker.pid for worker in supervisor.workers.values()), flush=True)
    await asyncio.sleep(30)


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    from twisted.internet import reactor

    loop.call_soon(lambda: asyncio.ensure_future(live()))
    reactor.run()
