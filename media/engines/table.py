"""All media engines by the name that ``media.engine`` has in the settings."""

from __future__ import annotations

from collections.abc import Mapping

from config.engines import EngineName
from media.engines.description import MediaEngine
from media.engines.pjsua2 import PJSUA2
from media.engines.rtpengine import RTPENGINE

ENGINES: Mapping[EngineName, MediaEngine] = {
    "pjsua2": PJSUA2,
    "rtpengine": RTPENGINE,
}
