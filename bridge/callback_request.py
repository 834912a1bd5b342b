"""A callback in the place of a call: asked for, booked or refused, and told to the shopper."""

from __future__ import annotations

from dataclasses import replace

from bridge.commands import BookCallback
from bridge.events import CallbackBooked, CallbackRefused
from bridge.legwork import Legwork
from routing.plan import OfferCallback, Speech, Spoken


class CallbackRequest:
    """One call's callback, if it comes to that."""

    def __init__(self, work: Legwork) -> None:
        self._work = work
        self.offer: OfferCallback | None = None
        #: Whether it was asked for, and neither booked nor refused yet.
        self.pending = False
        #: When the shopper will be called back, in seconds since the epoch.
        self.at: float | None = None
        self._words: Spoken | None = None

    @property
    def words(self) -> Spoken | None:
        """What the shopper is to hear; None as long as that is not known."""
        return None if self.pending else self._words

    def ask(self) -> None:
        """Have the callback booked that is on offer."""
        assert self.offer is not None  # noqa: S101 - the caller has set it
        self.pending = True
        self._work.out.append(BookCallback(self.offer.terms))

    def answered(self, answer: CallbackBooked | CallbackRefused) -> None:
        """Whether there will be one, and when."""
        assert self.offer is not None  # noqa: S101 - it was asked for
        self.pending = False
        if isinstance(answer, CallbackBooked):
            self.at, self._words = answer.at, _filled(self.offer.booked, answer.when)
        else:
            self._words = self.offer.sorry


def _filled(booked: Spoken, when: str) -> Spoken:
    """The words with the time in them; a recorded prompt stays as it is."""
    if not isinstance(booked, Speech):
        return booked
    return replace(booked, text=booked.text.replace("{when}", when), name="callback")
