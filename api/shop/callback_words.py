"""When a shopper will be called back, as one writes it for them. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.callback import Callback
from config.models import Config
from routing.callback_times import shopper_zones
from routing.language import written


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
    return written(local, zone.key.rpartition("/")[2].replace("_", " "), language)
