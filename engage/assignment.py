"""Who takes which part in an experiment: always the same for the same visitor. Pure.

Two independent numbers from 0 to 1 come of a hash of the rule, its beginning and the visitor: one for the
control group, one for the variant. A share is a range from 0 on, so that changing it moves its edge alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from config.sections.engage import EngageRule, Variant
from engage.decision import Arm


def draw(*words: str) -> tuple[float, float]:
    """Two numbers from 0 to 1, 1 excluded, that are the same for the same words."""
    hashed = sha256("\0".join(words).encode()).digest()
    # 53 bits each: more would round up to 1.
    first, second = (int.from_bytes(hashed[at : at + 8], "big") >> 11 for at in (0, 8))
    return first / 2.0**53, second / 2.0**53


def epoch_of(rule: EngageRule) -> str:
    """When the rule's experiment began; empty where it tells nothing."""
    return rule.since.isoformat() if rule.since else ""


def assign(site: str, name: str, rule: EngageRule, holdout: float, visitor: str) -> tuple[Arm, str]:
    """The arm and the variant of a visitor; in any arm, the variant that they would be shown."""
    control, variant = draw(site, name, epoch_of(rule), visitor)
    arm = Arm.SHOWN
    if is_held_out(site, holdout, visitor):
        arm = Arm.HOLDOUT
    elif control < rule.control:
        arm = Arm.CONTROL
    return arm, _variant(rule.variants, variant)


def is_held_out(site: str, share: float, visitor: str) -> bool:
    """Whether a visitor is in the holdout: the site never invites them."""
    return draw(site, "holdout", visitor)[0] < share


def _variant(variants: Mapping[str, Variant], drawn: float) -> str:
    if not variants:
        return ""
    left = drawn * sum(variant.share for variant in variants.values())
    for name, variant in variants.items():
        left -= variant.share
        if left < 0:
            return name
    return list(variants)[-1]
