"""When a shopper will be called back, as one writes it for them. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.callback import Callback
from config.models import Config
from routing.callback_times import shopper_zones
from routing.language import SHIPPED, written


def written_time(callback: Callback, config: Config) -> str:
    """Such as ``on Tuesday, November 24 at 4:30 p.m. (New York time)``, by the clock of the shopper's number.

    Where the number may be in zones whose clocks differ, by that of the site. The zone is always told: who
    reads it may be elsewhere than the number.
    """
    site = config.sites.get(callback.click.site)
    home = ZoneInfo(site.time_zone if site else "UTC")
    zones = shopper_zones(callback.click.number, home)
    clocks = {datetime.fromtimestamp(callback.due_at, zone).utcoffset() for zone in zones}
    zone = zones[0] if len(clocks) == 1 else home
    local = datetime.fromtimestamp(callback.due_at, zone)
    language = site.tongue if site else "en"
    if language in SHIPPED and language != "en":
        return written(local, zone.key.rpartition("/")[2].replace("_", " "), language)
    half = "p.m." if local.hour >= 12 else "a.m."
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return (
        f"on {local:%A}, {local:%B} {local.day} at {local.hour % 12 or 12}:{local:%M} {half} ({place} time)"
    )
