"""All legs of the switch, and what each command does to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, Protocol

from bridge.causes import HangupCause
from bridge.commands import (
    Dial,
    HangUp,
    Join,
    JudgeAnswerer,
    MediaCommand,
    Play,
    RecordLeg,
    RecordTalk,
    SendDtmf,
    StopRecording,
    StopTalk,
)
from bridge.events import LegDtmf, LegEnded, LegEvent
from routing.plan import BrowserEndpoint
from sip.journal import note
from switch.dialog_rules import read
from switch.legs import SwitchSipLeg
from switch.media import KeyWay, SwitchMedia
from switch.relayed_keys import RelayedKeys


class AnyLeg(Protocol):
    """A leg by SIP, or in a browser."""

    leg_id: str
    #: Whether keys reach it by RFC 4733.
    takes_events: bool

    @property
    def keys_stay(self) -> bool:
        """Whether its own keys stay out of the audio that its partner hears."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""

    def hang_up(self, cause: HangupCause) -> None:
        """End it from our side."""

    def broke(self, cause: HangupCause, why: str) -> None:
        """It cannot be trusted any more."""

    def key_heard(self, digit: str, way: Literal["rfc4733", "tone", "info"]) -> None:
        """A key came."""

    def send_dtmf(self, digit: str) -> None:
        """Press a key toward the far side."""

    def early_media(self, arrives: bool) -> None:
        """Audio before the answer began, or stopped."""


class Dialler(Protocol):
    """Places calls."""

    def dial(self, command: Dial, board: CommandBoard) -> AnyLeg:
        """Begin a leg to an endpoint; what fails later ends the leg."""


class CommandBoard:
    """Carries out commands. What fails ends the leg it was for, as ``failed``; nothing is raised."""

    def __init__(
        self,
        media: SwitchMedia,
        lines: Dialler,
        report: Callable[[LegEvent], None],
        dialog_changed: Callable[[SwitchSipLeg], None] = lambda leg: None,
        browsers: Dialler | None = None,
    ) -> None:
        self._media = media
        self._lines = lines
        self._browsers = browsers
        self.report = report
        self.note_dialog = dialog_changed
        self._legs: dict[str, AnyLeg] = {}
        #: Each leg and the one that it is joined with, and the keys of each leg.
        self._partners: dict[str, str] = {}
        self._keys: dict[str, RelayedKeys] = {}
        self._time = asyncio.get_running_loop().time

    @property
    def busy(self) -> bool:
        """Whether any leg is there."""
        return bool(self._legs)

    def perform(self, command: MediaCommand) -> None:
        """Carry out one command. A command for a leg that is gone does nothing."""
        leg = self._legs.get(command.leg_id)
        try:
            if isinstance(command, Dial):
                self._dial(command, leg)
            elif leg is not None:
                self._perform(leg, command)
        except Exception as error:  # noqa: BLE001 - the core learns of it as the leg's end
            self._fail(command.leg_id, type(command).__name__, error)

    def leg_of(self, call_id: str) -> tuple[str, str]:
        """The leg with this Call-ID, and its trunk; empty where there is none."""
        leg = self._leg_in(call_id)
        return (leg.leg_id, leg.trunk) if leg is not None else ("", "")

    def _leg_in(self, call_id: str) -> SwitchSipLeg | None:
        # It is mostly asked for those that have just begun.
        for leg in reversed(self._legs.values()):
            if isinstance(leg, SwitchSipLeg) and leg.dialog is not None and leg.dialog.call_id == call_id:
                return leg
        return None

    def invite_left(self, text: bytes) -> None:
        """An INVITE of ours is on its way: if nobody lives to hear the answer, it must be cancelled."""
        invite = read(text)
        leg = self._leg_in(invite.call_id) if invite is not None else None
        if leg is not None and invite is not None:
            leg.invite_left(invite)

    @property
    def live(self) -> list[str]:
        """The legs that have not ended."""
        return [leg_id for leg_id, leg in self._legs.items() if not leg.over]

    def carries(self, event: LegEvent) -> bool:
        """Whether it is a key for the leg that the event's leg is joined with."""
        leg = self._legs.get(event.leg_id)
        return (
            isinstance(event, LegDtmf)
            and leg is not None
            and not leg.keys_stay
            and event.leg_id in self._partners
        )

    def hang_up_all(self) -> None:
        """End every leg, because the switch ends."""
        for leg in list(self._legs.values()):
            leg.hang_up(HangupCause.CANCELLED)

    def leg_ended(self, leg: AnyLeg) -> None:
        """Forget a leg."""
        self._legs.pop(leg.leg_id, None)
        self._keys.pop(leg.leg_id, None)
        self._part(leg.leg_id)

    # What media tells ------------------------------------------------------------------------------------

    def key_pressed(self, leg_id: str, digit: str, way: KeyWay) -> None:
        """A key came in a leg's audio."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return
        if way == "tone":
            leg.key_heard(digit, way)
        elif self._keys_of(leg_id).came(digit, self._time(), carried=way == "rfc4733"):
            leg.key_heard(digit, "rfc4733")

    def early_media(self, leg_id: str, arrives: bool) -> None:
        """Audio of a leg that rings began, or stopped."""
        if leg := self._legs.get(leg_id):
            leg.early_media(arrives)

    def broke(self, leg_id: str, cause: HangupCause, why: str) -> None:
        """A leg's media cannot go on."""
        if leg := self._legs.get(leg_id):
            leg.broke(cause, why)

    # Commands --------------------------------------------------------------------------------------------

    def _dial(self, command: Dial, known: AnyLeg | None) -> None:
        if known is not None:
            raise ValueError("a leg of this id is there already")
        in_browser = isinstance(command.endpoint, BrowserEndpoint)
        lines = self._browsers if in_browser and self._browsers is not None else self._lines
        leg = lines.dial(command, self)
        if not leg.over:
            self._legs[leg.leg_id] = leg

    def _perform(self, leg: AnyLeg, command: MediaCommand) -> None:
        match command:
            case HangUp(cause=cause):
                leg.hang_up(cause)
            case SendDtmf(digit=digit):
                self._send_dtmf(leg, digit)
            case Join(other_leg_id=other) if other not in self._legs:
                return
            case RecordTalk() | StopTalk():
                self._media.perform(command)
            case Play() | Join() | JudgeAnswerer() | RecordLeg() | StopRecording():
                if not leg.over:
                    self._note_partners(leg.leg_id, command)
                    self._media.perform(command)

    def _send_dtmf(self, leg: AnyLeg, digit: str) -> None:
        """Press a key toward a leg, unless the relay has carried the partner's own already."""
        partner = self._partners.get(leg.leg_id)
        if partner is not None and leg.takes_events:
            if self._keys_of(partner).has_carried(digit, self._time()):
                return
            source = self._legs.get(partner)
            if source is not None and not source.keys_stay:
                self._keys_of(partner).inject(digit, self._time())
        leg.send_dtmf(digit)

    def _keys_of(self, leg_id: str) -> RelayedKeys:
        return self._keys.setdefault(leg_id, RelayedKeys())

    def _note_partners(self, leg_id: str, command: MediaCommand) -> None:
        if isinstance(command, Join):
            other = command.other_leg_id
            self._part(leg_id)
            self._part(other)
            self._partners |= {leg_id: other, other: leg_id}
        elif isinstance(command, Play | RecordLeg):
            self._part(leg_id)

    def _part(self, leg_id: str) -> None:
        other = self._partners.pop(leg_id, None)
        if other is not None and self._partners.get(other) == leg_id:
            del self._partners[other]

    def _fail(self, leg_id: str, what: str, error: Exception) -> None:
        reason = f"{what}: {type(error).__name__}: {error}"
        leg = self._legs.get(leg_id)
        if leg is not None:
            leg.broke(HangupCause.FAILED, reason)
            return
        note("command_failed", leg=leg_id, reason=reason)
        self.report(LegEnded(leg_id, HangupCause.FAILED))
