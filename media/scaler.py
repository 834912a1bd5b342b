"""Decides how many workers with calls there are: adds spare ones, and lets old and idle ones leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from config.engines import EngineTraits
from config.sections.media import Media
from config.sections.one_port import ports_wanted
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.engines.description import EngineConfig
from media.placement import Placement
from media.supervisor import Supervisor
from media.worker import Worker

#: Settings that workers do not need: the core tells pages of these servers.
_FOR_PAGES = {
    name: WebRtc.model_fields[name].default for name in ("stun", "turn", "turn_secret", "turn_lifetime")
}
#: Settings about the number of workers, which workers do not need.
_FOR_THE_CORE = {name: Media.model_fields[name].default for name in ("max_workers", "spare_workers")}


class Scaler:
    """Keeps as many workers as the settings ask for and calls need.

    A *generation* counts the settings that workers are started with. A call stays in one generation.
    """

    def __init__(
        self, engine: EngineTraits, supervisor: Supervisor, placement: Placement, idle_seconds: float
    ) -> None:
        self.max_workers = self.spare_workers = 0
        #: The generation of today's settings.
        self.generation = 0
        self._engine = engine
        self._supervisor = supervisor
        self._placement = placement
        self._idle_seconds = idle_seconds
        #: By generation: the settings of those that have workers or calls.
        self._configs: dict[int, EngineConfig] = {}
        self._idle_since: dict[int, float] = {}

    def configure(self, sip: Sip, media: Media, trunks: Mapping[str, Trunk], webrtc: WebRtc | None) -> bool:
        """Take new settings; returns whether they differ for workers."""
        self.max_workers = self._engine.most_workers(media.max_workers)
        self.spare_workers = self._engine.spare_workers(media.spare_workers, media.max_workers)
        config = EngineConfig(
            sip,
            dict(trunks),
            webrtc and webrtc.model_copy(update=_FOR_PAGES),
            media.model_copy(update=_FOR_THE_CORE),
            self._shared_ports(sip, trunks),
        )
        if self._configs.get(self.generation) == config:
            return False
        if self.generation and self._engine.reconfigures:
            self._supervisor.reconfigure("calls", config)
        else:
            self.generation += 1
        self._configs[self.generation] = config
        return True

    def choose_ports_again(self) -> bool:
        """Choose other ports for a registrar that could not start; returns whether there are any."""
        config = self.config_of()
        shared = self._shared_ports(config.sip, config.trunks)
        if shared == config.shared_ports:
            return False
        self.generation += 1
        self._configs[self.generation] = replace(config, shared_ports=shared)
        return True

    def _shared_ports(self, sip: Sip, trunks: Mapping[str, Trunk]) -> tuple[int, ...]:
        # An engine without a registrar's worker sends everything from one port anyway.
        return self._supervisor.share_ports(
            sip, ports_wanted(trunks.values()) if self._engine.registrar else 0
        )

    def config_of(self, generation: int | None = None) -> EngineConfig:
        """The settings of a generation with workers or open calls; without an argument, today's."""
        return self._configs[self.generation if generation is None else generation]

    def browser_workers(self, generation: int) -> int:
        """How many browser workers the settings of a generation ask for."""
        webrtc = self.config_of(generation).webrtc
        return webrtc.workers if webrtc and self._engine.browsers else 0

    def generations(self) -> set[int]:
        """Today's generation, and those of open calls."""
        return self._placement.generations() | {self.generation}

    def find_slots(self, generation: int, attempt: Callable[[bool], int | None]) -> int | None:
        """The worker that ``attempt(scarce)`` finds, at last with one more worker, or with scarce slots."""
        worker_id = attempt(False)
        if worker_id is None and self._grow(generation):
            worker_id = attempt(False)
        if worker_id is None:
            self._placement.squeeze(generation)
            worker_id = attempt(True)
        return worker_id

    def refill(self) -> None:
        """Start the spare workers that are missing, if there may be so many."""
        for _ in range(self.spare_workers - len(self._idle())):
            if not self._grow(self.generation):
                return

    def retire(self, now: float) -> None:
        """Let workers leave that are idle, of old settings or to be replaced, once their calls are over."""
        for worker in list(self._supervisor.living("calls")):
            seats = self._placement.workers[worker.worker_id]
            outdated = seats.condemned or worker.generation != self.generation
            if outdated and not self._placement.open_calls(worker.worker_id):
                self._let_go(worker, now)
        idle = self._idle()
        self._idle_since = {worker.worker_id: self._idle_since.get(worker.worker_id, now) for worker in idle}
        over = sum(1 for _ in self._supervisor.living("calls")) - self.max_workers
        for worker in idle[self.spare_workers :] if over <= 0 else idle[:over]:
            if over > 0 or now - self._idle_since[worker.worker_id] >= self._idle_seconds:
                self._let_go(worker, now)
        used = {worker.generation for worker in self._supervisor.living("calls")} | self.generations()
        self._configs = {number: self._configs[number] for number in sorted(used)}

    def _grow(self, generation: int) -> Worker | None:
        """Start one more worker, if there may be one."""
        if sum(1 for _ in self._supervisor.living("calls")) >= self.max_workers:
            return None
        worker = self._supervisor.spawn("calls", generation, self._configs[generation])
        if worker:
            self._placement.add_worker(worker.worker_id, generation)
        return worker

    def _idle(self) -> list[Worker]:
        """Workers of today's settings without a call."""
        return [
            worker
            for worker in self._supervisor.living("calls")
            if worker.generation == self.generation and self._placement.vacant(worker.worker_id)
        ]

    def _let_go(self, worker: Worker, now: float) -> None:
        self._placement.workers[worker.worker_id].condemned = True
        worker.leave(now)
