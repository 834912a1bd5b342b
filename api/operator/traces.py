"""SIP messages as they pass, for the operator: one JSON object a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import Query
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.askers import Asker, Whose
from api.operator.models import TracedMessage
from api.problems import FieldError, Problem, RequestError
from api.routes import Audience, UrlRow
from bridge.progress import CallProgress
from bridge.tracing import Sighting, TraceWish
from config.models import Config
from media.traces import SipTrace, SipTraces, TooManyTracesError

#: Traces of one customer at once: others shall have some, too.
MOST_OF_A_CUSTOMER = 2
#: A call's id, or its beginning; long enough to mean one call.
CallPrefix = Annotated[str, Query(pattern="^[0-9a-f]{4,64}$", description="A call's id, or its beginning.")]
Seconds = Annotated[float, Query(ge=1, le=3600, allow_inf_nan=False, description="For so long.")]


class TraceEndpoints:
    """Shows SIP messages. ``progress(call_id)`` tells the newest line of a call that lives, or just ended."""

    def __init__(
        self,
        config: Callable[[], Config],
        traces: SipTraces,
        progress: Callable[[str], CallProgress | None],
    ) -> None:
        self._config = config
        self._traces = traces
        self._progress = progress
        #: How many traces each customer has now.
        self._of_customer: Counter[str | None] = Counter()

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of traces."""
        problems = (Problem.VALIDATION_FAILED, Problem.TOO_MANY_TRACES)
        return (UrlRow("GET", "/v1/trace", self.follow, "trace", Audience.OPERATOR, problems),)

    async def follow(
        self,
        asker: Whose,
        call: CallPrefix | None = None,
        trunk: str | None = None,
        seconds: Seconds = 60.0,
        full_numbers: bool = False,
    ) -> StreamingResponse:
        """Messages of a call, of a trunk, or of both, as they pass; without either, all of them.

        A customer sees those of the calls of their sites alone.
        """
        if trunk is not None and trunk not in self._trunks_of(asker):
            problem = FieldError(path="query.trunk", message="no trunk of the settings has this name")
            raise RequestError(Problem.VALIDATION_FAILED, errors=[problem])
        wish = TraceWish(
            leg_ids=(call,) if call else (),
            trunks=(trunk,) if trunk else (),
            all=call is None and trunk is None,
        )
        if self._has_enough(asker):
            raise RequestError(Problem.TOO_MANY_TRACES, retry_after=60)
        try:
            trace = self._traces.begin(wish, lambda sighting: self._may_see(sighting, asker))
        except TooManyTracesError:
            raise RequestError(Problem.TOO_MANY_TRACES, retry_after=60) from None
        self._of_customer[asker.customer] += 1
        return _TraceResponse(_lines(trace, seconds, full_numbers), lambda: self._end(trace, asker))

    def _end(self, trace: SipTrace, asker: Asker) -> None:
        self._traces.end(trace)
        self._of_customer[asker.customer] -= 1

    def _has_enough(self, asker: Asker) -> bool:
        return asker.customer is not None and self._of_customer[asker.customer] >= MOST_OF_A_CUSTOMER

    def _trunks_of(self, asker: Asker) -> frozenset[str]:
        """The trunks that may be named: all, or those that the customer's sites name."""
        config = self._config()
        if asker.sites is None:
            return frozenset(config.trunks)
        sites = [config.sites[name] for name in asker.sites if name in config.sites]
        return frozenset(name for site in sites for name in (site.trunk, *site.backup_trunks))

    def _may_see(self, sighting: Sighting, asker: Asker) -> bool:
        """Whether a message is theirs to see; one of no call, or of one long over, is the server's alone."""
        if asker.sites is None:
            return True
        progress = self._progress(sighting.call_id)
        return progress is not None and asker.sees(progress.site)


async def _lines(trace: SipTrace, seconds: float, full_numbers: bool) -> AsyncIterator[str]:
    yield "\n"  # the head goes out at once, so that the operator sees that the trace has begun
    async for sighting in trace.messages(seconds):
        # An empty line now and then: how else should we learn that nobody reads any more?
        yield TracedMessage.of(sighting, full_numbers).model_dump_json() + "\n" if sighting else "\n"


class _TraceResponse(StreamingResponse):
    """Ends its trace however it ends, also where the client is gone before the first byte."""

    def __init__(self, lines: AsyncIterator[str], end: Callable[[], None]) -> None:
        super().__init__(lines, media_type="application/x-ndjson")
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()
