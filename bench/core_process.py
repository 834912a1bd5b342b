"""``ringback serve`` with a media engine that carries nothing, which tells at its end what its threads were.

``python -m bench.core_process CONFIG REPORT``: SIGUSR1 begins to sample, SIGUSR2 ends that.
"""

from __future__ import annotations

import gc
import json
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import FrameType

#: Seconds of CPU between two samples.
_EVERY = 0.002
_HERE = str(Path(__file__).parents[1])
#: The deepest file of a stack that one of these fits says what a sample was for.
PARTS = {
    "event loop": ("/twisted/internet/asyncioreactor.",),
    "http": ("/uvicorn/", "/starlette/", "/fastapi/", "/server/connections.", "/api/edge.", "/api/origins."),
    "worker messages": ("/twisted/", "/media/protocol.", "/media/worker_link.", "/media/sip_link."),
    "logs": ("/structlog/", "/logging/", "/server/logs.", "/bridge/masking.", "/bridge/repeats."),
    "store": ("/store/", "/sqlalchemy/", "/concurrent/"),
    "metrics": ("/prometheus_client/",),
    "phone numbers": ("/phonenumbers/",),
    "legs": ("/media/",),
    "calls": ("/calls/", "/bridge/", "/routing/", "/expressions/"),
    "api": ("/api/",),
    "followers": ("/cti/", "/notify/", "/reports/", "/visits/", "/server/"),
}


class Sampler:
    """Where the main thread spends its CPU time: stacks, looked at in equal steps of it."""

    def __init__(self) -> None:
        self.parts: Counter[str] = Counter()
        self.inner: Counter[str] = Counter()
        self.outer: Counter[str] = Counter()
        #: Milliseconds that the garbage collector took, and how often it ran, by generation.
        self.collected: dict[str, list[float]] = {}
        self._last = self._collecting = 0.0

    def begin(self, *_: object) -> None:
        """Sample from now on."""
        self._last = time.thread_time()
        gc.callbacks.append(self._collects)
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)

    def end(self, *_: object) -> None:
        """Sample no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.callbacks.remove(self._collects)

    def _collects(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.thread_time()
            return
        so_far = self.collected.setdefault(f"generation {info['generation']}", [0, 0.0])
        so_far[0] += 1
        so_far[1] += 1000 * (time.thread_time() - self._collecting)

    def _look(self, _: int, frame: FrameType | None) -> None:
        now = time.thread_time()
        if now - self._last < _EVERY / 2:
            return  # it was another thread that ran
        self._last = now
        stack = []
        while frame is not None:
            code = frame.f_code
            stack.append((code.co_filename, f"{_short(code.co_filename)}:{code.co_qualname}"))
            frame = frame.f_back
        if not stack:
            return
        # What is generated, as a dataclass's constructor is, says nothing by its own name.
        known = next((place for place, (file, _) in enumerate(stack) if file[:1] == "/"), len(stack) - 1)
        self.inner[" < ".join(name for _, name in stack[: known + 1])] += 1
        self.outer.update({name for _, name in stack})
        self.parts[next(filter(None, (_part(file) for file, _ in stack)), "event loop")] += 1


def _part(file: str) -> str:
    return next((part for part, files in PARTS.items() if any(some in file for some in files)), "")


def _short(file: str) -> str:
    return file.rpartition("site-packages/")[2].removeprefix(_HERE + "/")


def main() -> None:
    """Serve, and write the report."""
    config, report = Path(sys.argv[1]), Path(sys.argv[2])
    from media.engines import table
    from media.engines.description import Program, Role

    # Before anything else reads the table.
    stand_in: dict[Role, Program] = {"calls": Program("bench.media_stand_in.main", birth="exec")}
    table.ENGINES = {"rtpengine": replace(table.ENGINES["rtpengine"], programs=stand_in)}
    from server.main import serve

    sampler = Sampler()
    signal.signal(signal.SIGUSR1, sampler.begin)
    signal.signal(signal.SIGUSR2, sampler.end)
    names: dict[int, str] = {}
    begun = threading.Thread.run

    def run(self: threading.Thread) -> None:
        names[threading.get_native_id()] = self.name.rpartition("_")[0] or self.name
        begun(self)

    threading.Thread.run = run  # type: ignore[method-assign]
    code = serve(config)
    top = 25
    report.write_text(
        json.dumps(
            {
                "threads": names,
                "samples": sum(sampler.parts.values()),
                "parts": dict(sampler.parts.most_common()),
                "collected": sampler.collected,
                "inner": dict(sampler.inner.most_common(top)),
                "outer": dict(sampler.outer.most_common(4 * top)),
            }
        )
    )
    sys.exit(code)


if __name__ == "__main__":
    main()
