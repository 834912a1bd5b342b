"""Who a live call may be passed on to, and who that rings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from config.base import AGENT
from config.models import Config
from routing.decide import transfer_steps
from routing.dialling import ways
from routing.directory import Directory
from routing.plan import ClickToCall, PlannedStep, SipEndpoint
from routing.router import Router
from routing.steps import PreparedStep
from routing.strategies import StepRule

DESTINATION, ROUTE = "destination:", "route:"
#: What the ring step of a transfer is called.
STEP = "transfer"
#: What the CDR calls a number that was dialled by hand; no destination of the settings has a colon.
BY_HAND = "transfer:number"


class TransferError(Exception):
    """A call cannot be passed on: the settings do not allow the target, or nobody is there now."""

    def __init__(self, reason: Literal["target_unknown", "nobody_there"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Somebody that agents may pass a call on to."""

    #: ``agent:bob``, ``destination:boston``, ``destination:shops/boston`` or ``route:support``.
    to: str
    #: What agents are shown.
    label: str
    kind: Literal["agent", "destination", "route"]


def transfer_targets(config: Config, by: str) -> tuple[TransferTarget, ...]:
    """Who the agent of this name may pass calls on to, numbers left out."""
    return tuple(dict.fromkeys(_targets(config, by)))


def plan_transfer(
    click: ClickToCall,
    to: str,
    by: str,
    router: Router,
    call_id: str,
    directory: Directory,
    now: datetime,
    pick: float,
) -> tuple[PlannedStep, ...]:
    """The steps for the target that the agent ``by`` passes a live call on to; :class:`TransferError`.

    ``to`` is as in :class:`TransferTarget`, or a number in E.164 that may be called.
    """
    config = router.config
    if click.site not in config.sites:  # the settings have changed since the call began
        raise TransferError("target_unknown")
    if to.startswith("+"):
        if not config.desk_of(by).transfers.numbers:
            raise TransferError("target_unknown")
        return (_number_step(to, by, click, config),)
    ringing = _ringing(to, by, router)
    if ringing is None:
        raise TransferError("target_unknown")
    steps = transfer_steps(click, ringing, router, call_id, directory, now, pick)
    if not steps:
        raise TransferError("nobody_there")
    return steps


def _targets(config: Config, by: str) -> Iterator[TransferTarget]:
    transfers = config.desk_of(by).transfers
    for name in config.agents:
        if may_reach(name, by, config):
            yield TransferTarget(f"{AGENT}{name}", config.agents[name].label, "agent")
    for name in transfers.destinations:
        if not name.startswith(AGENT):
            known = config.destinations.get(name)
            yield TransferTarget(f"{DESTINATION}{name}", known.label if known else name, "destination")
    for name in transfers.routes:
        yield TransferTarget(f"{ROUTE}{name}", name, "route")


def _ringing(to: str, by: str, router: Router) -> str | PreparedStep | None:
    """The name of a route, or a step; None for a target that agents may not pass a call on to."""
    config = router.config
    transfers = config.desk_of(by).transfers
    if to.startswith(ROUTE):
        route = to.removeprefix(ROUTE)
        return route if route in transfers.routes else None
    if to.startswith(AGENT):
        return _step(to, by, config) if may_reach(to.removeprefix(AGENT), by, config) else None
    name = to.removeprefix(DESTINATION)
    table = name.partition("/")[0]
    known = name in router.contacts or name in router.tables
    allowed = name in transfers.destinations or table in transfers.destinations
    return _step(name, by, config) if to != name and known and allowed else None


def may_reach(agent: str, by: str, config: Config) -> bool:
    """Whether calls may be passed on to this agent: a colleague, or one who is named."""
    transfers = config.desk_of(by).transfers
    if agent == by or agent not in config.agents:
        return False
    return f"{AGENT}{agent}" in transfers.destinations or (
        transfers.agents and config.are_colleagues(agent, by)
    )


def _step(name: str, by: str, config: Config) -> PreparedStep:
    strategy: Literal["nearest", "in_order"] = "nearest" if name in config.stores else "in_order"
    return PreparedStep(StepRule(STEP, strategy, config.desk_of(by).transfers.timeout), (name,), {})


def _number_step(number: str, by: str, click: ClickToCall, config: Config) -> PlannedStep:
    site = config.sites[click.site]
    way, *backups = ways(None, number, (site.trunk, *site.backup_trunks), config.trunks)
    endpoint = SipEndpoint(
        destination=BY_HAND,
        # Shoppers read it too.
        label=f"number ending in {number[-2:]}",
        uri=way.uri,
        trunk=way.trunk,
        backups=tuple(backups),
        number=number,
        caller_number=site.caller_id.number,
        caller_name=site.caller_id.name,
        media_timeout=site.media_timeout,
    )
    return PlannedStep("in_order", (endpoint,), config.desk_of(by).transfers.timeout, name=STEP)
