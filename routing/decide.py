"""From a click and the settings to the plan of a call."""

from __future__ import annotations

from config.models import Config, Destination, RingStep, Site, Trunk
from routing.headers import fill
from routing.plan import Audio, CallPlan, ClickToCall, PlannedStep, Prompt, SipEndpoint
from routing.tones import RINGBACK


def plan_call(click: ClickToCall, config: Config, call_id: str) -> CallPlan:
    """Decide everything about one call. Pure: the same click and settings give the same plan.

    ``click.site`` names a site of ``config``, whose references the loader has checked.
    """
    site = config.sites[click.site]
    route = config.routes[site.route]
    trunk = config.trunks[site.trunk]
    return CallPlan(
        site=click.site,
        route=site.route,
        shopper=SipEndpoint(
            destination="shopper",
            label="Shopper",
            uri=number_uri(click.number, trunk),
            trunk=site.trunk,
            caller_number=site.caller_id.number,
            caller_name=site.caller_id.name,
            media_timeout=site.media_timeout,
        ),
        shopper_timeout=site.ring_timeout,
        greeting=_prompt(config, site.greeting),
        ringback=_ringback(config, site),
        steps=tuple(_step(step, click, config, call_id) for step in route.steps),
        max_duration=site.max_duration,
        dial_business=route.dial_business,
        early_media=route.early_media,
        on_loss=route.on_loss,
    )


def number_uri(number: str, trunk: Trunk) -> str:
    """The request URI of an E.164 number on a trunk, written the way that trunk likes it."""
    digits = number if trunk.number_format == "e164" else number.removeprefix("+")
    return f"sip:{trunk.number_prefix}{digits}@{trunk.host}"


def _step(step: RingStep, click: ClickToCall, config: Config, call_id: str) -> PlannedStep:
    endpoints = tuple(
        _endpoint(name, config.destinations[name], click, config, call_id) for name in step.destinations
    )
    return PlannedStep(step.strategy, endpoints, step.timeout)


def _endpoint(
    name: str, destination: Destination, click: ClickToCall, config: Config, call_id: str
) -> SipEndpoint:
    site = config.sites[click.site]
    if destination.sip is not None:
        uri = destination.sip
    else:
        assert destination.number is not None  # noqa: S101 - the loader refuses a destination
        assert destination.trunk is not None  # noqa: S101 - that has neither
        uri = number_uri(destination.number, config.trunks[destination.trunk])
    shopper = destination.show == "shopper"
    return SipEndpoint(
        destination=name,
        label=destination.label,
        uri=uri,
        trunk=destination.trunk,
        caller_number=click.number if shopper else site.caller_id.number,
        caller_name=None if shopper else site.caller_id.name,
        headers=tuple((header, fill(text, click, call_id)) for header, text in destination.headers.items()),
        media_timeout=site.media_timeout,
    )


def _prompt(config: Config, name: str | None) -> Prompt | None:
    return None if name is None else Prompt(name, str(config.prompts[name]))


def _ringback(config: Config, site: Site) -> Audio:
    return _prompt(config, site.music) or RINGBACK[site.ringback]
