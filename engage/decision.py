"""What a decision is: buttons, an offer or none, what was held and why, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from config.sections.engage import Place
from config.sections.page import ContactWay
from engage.availability import WayState


class HeldReason(StrEnum):
    """Why a rule that matched was not shown."""

    #: The business is closed.
    HOURS = "hours"
    #: Nobody is free, or everybody who is has an invitation out.
    AGENTS = "agents"
    #: The shopper would wait too long.
    QUEUE = "queue"
    CAP_VISIT = "cap_visit"
    CAP_DAY = "cap_day"
    COOL_DOWN = "cool_down"
    #: The shopper is in the rule's control group.
    CONTROL = "control"
    #: The shopper is in the site's holdout.
    HOLDOUT = "holdout"
    #: Facts of earlier pages are needed, and nothing may be remembered without consent.
    CONSENT = "consent"
    HIDDEN_TAB = "hidden_tab"
    TYPING = "typing"
    #: The shop has a dialog open.
    DIALOG = "dialog"
    #: The shopper is in a call or a chat, or the panel is open.
    IN_CONTACT = "in_contact"
    #: The shopper, or the page for them, asked to be left alone.
    OPTED_OUT = "opted_out"
    #: Another rule came first, or its invitation is still open.
    OUTRANKED = "outranked"
    #: The rule is a draft.
    DRAFT = "draft"
    #: Nobody has touched the page yet.
    BOT = "bot"


class Arm(StrEnum):
    """What part a shopper has in an experiment."""

    SHOWN = "shown"
    CONTROL = "control"
    HOLDOUT = "holdout"


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation that is shown now, or would be if the shopper were not in ``control`` or ``holdout``."""

    rule: str
    arm: Arm
    #: The name of the variant; empty where the rule has none, or the shopper takes no part.
    variant: str
    #: The experiment's beginning, ``2026-12-01``; empty where the rule tells none.
    epoch: str
    way: ContactWay
    #: What it says, in the shopper's language; empty where nothing is shown.
    text: str
    place: Place
    #: Whether it counts for the experiment: the shopper is known again by an id.
    assigned: bool
    #: Whether it is the same invitation that this page has been offered before, and is counted already.
    again: bool = False


@dataclass(frozen=True, slots=True)
class ButtonNow:
    """A button of the page."""

    way: ContactWay
    state: WayState
    #: The rule that shows it, or would; empty where it is always there.
    rule: str = ""
    #: In ``control`` the rule does not show it.
    arm: Arm = Arm.SHOWN


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule that matched and was not shown."""

    rule: str
    reason: HeldReason


@dataclass(frozen=True, slots=True)
class NextLook:
    """When the page should ask again; whatever comes first."""

    #: When one of these facts changes: ``cart.value``. ``time.idle`` means that the shopper is active again.
    facts: tuple[str, ...] = ()
    #: After so many seconds of visible time; None where time changes nothing.
    seconds: float | None = None
    #: When the page's reasons to hold invitations change, such as ``typing``, or the first touch.
    busy: bool = False


@dataclass(frozen=True, slots=True)
class EngageDecision:
    """What a page should show now."""

    buttons: tuple[ButtonNow, ...]
    offer: Offer | None
    held: tuple[HeldRule, ...]
    ask_again: NextLook
