"""The engines that the tests of this folder run with. To add one is to add its line."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from media.engines.description import MediaEngine
from media.engines.pjsua2 import PJSUA2
from media.engines.rtpengine import RTPENGINE
from tests.media.rig import STAND_INS
from tests.media.switch_stand_in import SWITCH


@dataclass(frozen=True, slots=True)
class Candidate:
    """One engine. ``real``: it speaks SIP with phones, and its audio can be heard."""

    name: str
    engine: MediaEngine
    real: bool = True


CANDIDATES = (
    Candidate("pjsua2", PJSUA2),
    Candidate("rtpengine", RTPENGINE),
    Candidate("stand_ins", STAND_INS, real=False),
    Candidate("stand_in_of_one_process", SWITCH, real=False),
)

every_engine = pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
#: Those whose audio can be heard.
every_real_engine = pytest.mark.parametrize(
    "candidate", [each for each in CANDIDATES if each.real], ids=lambda candidate: candidate.name
)
