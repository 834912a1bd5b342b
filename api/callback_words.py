"""When a shopper will be called back, as one writes it for them. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.callback import Callback
from config.models import Config
from routing.callback_times import shopper_zones


def written_time(callback: Callback, config: Config) -> str:
    """Such as ``on Tuesday, November 24 at 4:30 p.m. (New York time)``, by the clock of the shopper's number.

    The zone is always told: who reads it may be elsewhere than the number.
    """
    site = config.sites.get(callback.click.site)
    zone = shopper_zones(callback.click.number, ZoneInfo(site.time_zone if site else "UTC"))[0]
    local = datetime.fromtimestamp(callback.due_at, zone)
    half = "p.m." if local.hour >= 12 else "a.m."
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return (
        f"on {local:%A}, {local:%B} {local.day} at {local.hour % 12 or 12}:{local:%M} {half} ({place} time)"
    )
