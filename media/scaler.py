"""How many workers there are: spares are kept, growth ends, and what is old or idle leaves."""

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

#: What workers need not know: pages are told of these servers by the core.
_FOR_PAGES = {
    name: WebRtc.model_fields[name].default for name in ("stun", "turn", "turn_secret", "turn_lifetime")
}
#: How many workers there are is for the core to know.
_FOR_THE_CORE = {name: Media.model_fields[name].default for name in ("max_workers", "spare_workers")}


class Scaler:
    """Keeps as many workers as the settings ask and calls need.

    A *generation* counts the settings that workers are born with; a call lives in one of them.
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
        #: The settings of every generation of workers that still serves calls.
        self._births: dict[int, EngineConfig] = {}
        self._idle_since: dict[int, float] = {}

    def configure(self, sip: Sip, media: Media, trunks: Mapping[str, Trunk], webrtc: WebRtc | None) -> bool:
        """Take new settings; whether they begin a new generation."""
        self.max_workers = self._engine.most_workers(media.max_workers)
        self.spare_workers = self._engine.spare_workers(media.spare_workers, media.max_workers)
        birth = EngineConfig(
            sip,
            dict(trunks),
            webrtc and webrtc.model_copy(update=_FOR_PAGES),
            media.model_copy(update=_FOR_THE_CORE),
            self._shared_ports(sip, trunks),
        )
        if self._births.get(self.generation) == birth:
            return False
        if self.generation and self._engine.reconfigures:
            self._supervisor.reconfigure("calls", birth)
        else:
            self.generation += 1
        self._births[self.generation] = birth
        return True

    def choose_ports_again(self) -> bool:
        """The registrar could not start: another program may have its ports. Whether others are chosen."""
        birth = self.birth()
        shared = self._shared_ports(birth.sip, birth.trunks)
        if shared == birth.shared_ports:
            return False
        self.generation += 1
        self._births[self.generation] = replace(birth, shared_ports=shared)
        return True

    def _shared_ports(self, sip: Sip, trunks: Mapping[str, Trunk]) -> tuple[int, ...]:
        # An engine without a registrar's worker sends everything from one port anyway.
        return self._supervisor.share_ports(
            sip, ports_wanted(trunks.values()) if self._engine.registrar else 0
        )

    def birth(self, generation: int | None = None) -> EngineConfig:
        """The settings of today, or of a generation that an open call lives in."""
        return self._births[self.generation if generation is None else generation]

    def browser_workers(self, generation: int) -> int:
        """How many browser workers the settings of a generation ask for."""
        webrtc = self.birth(generation).webrtc
        return webrtc.workers if webrtc and self._engine.browsers else 0

    def generations(self) -> set[int]:
        """Today's generation, and those that open calls live in."""
        return self._placement.generations() | {self.generation}

    def find_room(self, generation: int, attempt: Callable[[bool], int | None]) -> int | None:
        """The worker that an attempt finds: as things are, or with one more, or told that room is scarce."""
        worker_id = attempt(False)
        if worker_id is None and self._grow(generation):
            worker_id = attempt(False)
        if worker_id is None:
            self._placement.squeeze(generation)
            worker_id = attempt(True)
        return worker_id

    def refill(self) -> None:
        """Have the spare workers that are wanted, if there can be as many."""
        for _ in range(self.spare_workers - len(self._idle())):
            if not self._grow(self.generation):
                return

    def retire(self, now: float) -> None:
        """Let go what is condemned or of old settings, once its calls are over, and what idles too long."""
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
        self._births = {number: self._births[number] for number in sorted(used)}

    def _grow(self, generation: int) -> Worker | None:
        """Another worker, if there may be one more."""
        if sum(1 for _ in self._supervisor.living("calls")) >= self.max_workers:
            return None
        worker = self._supervisor.spawn("calls", generation, self._births[generation])
        if worker:
            self._placement.add_worker(worker.worker_id, generation)
        return worker

    def _idle(self) -> list[Worker]:
        """Workers of today's settings that nobody uses."""
        return [
            worker
            for worker in self._supervisor.living("calls")
            if worker.generation == self.generation and self._placement.vacant(worker.worker_id)
        ]

    def _let_go(self, worker: Worker, now: float) -> None:
        self._placement.workers[worker.worker_id].condemned = True
        worker.leave(now)
