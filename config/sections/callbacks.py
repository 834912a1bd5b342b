"""The section ``callbacks``: when and how shoppers are called back.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import HoursName, MailboxName, Model, PromptName
from config.draft import Draft
from config.fields import DAY, MINUTE, Seconds, write_duration
from config.marks import Usual
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.mailboxes import Mailbox
from config.sections.speech import Words, check_instead, check_spoken


class CallbackTerms(Model):
    """When and how a shopper is called back."""

    first_leg: Literal["business", "shopper"] = "business"
    """Who is dialled first: the business, and the shopper once somebody answers there; or the shopper. People
    at the business who are dialled first have to press a key, as with `screening: press_1`."""
    text: Words = "Callback for {site}{from_shopper}. Press 1 to take the call, or 2 to decline."
    """What a synthetic voice says to them, where the site's screening has no recorded prompt; placeholders as
    in `screening`."""
    daytime: Annotated[str, Field(min_length=1, max_length=2000)] = "Mo-Su 09:00-20:00"
    """When shoppers may be called, told in the time zone of their own number, as in `hours`."""
    hours: HoursName | None = None
    """When the business is there to call back; without hours, always."""
    shortest_delay: Seconds = 900.0
    """How long after the first call at the earliest."""
    longest_delay: Annotated[Seconds, Field(ge=3600)] = 3 * 86400.0
    """How long after the first call at the latest; then it is given up."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """How often it is tried at most."""
    pause: Annotated[
        Seconds,
        Field(ge=10),
        Usual(MINUTE, "few people are back that soon", DAY, "few people wait that long"),
    ] = 1800.0
    """How long to wait between two tries."""
    booked_text: Words = "We are sorry, nobody can take your call now. We will call you back {when}. Goodbye."
    """What the shopper hears; {when} is the time in words. Further placeholders as in `screening`; the same
    holds for what else is said here."""
    sorry_text: Words = "We are sorry, nobody can take your call now. Please try again later. Goodbye."
    """What the shopper hears where no callback can be booked."""
    booked_prompt: PromptName | None = None
    """A recording in place of `booked`: it tells no time."""
    sorry_prompt: PromptName | None = None
    """A recording in place of `sorry`."""
    mailbox: MailboxName | None = None
    """The mailbox whose addresses are told of a callback that was given up."""


def check_callbacks(draft: Draft) -> None:
    """Problems and warnings of terms of callbacks."""
    for name, terms in draft.items(CallbackTerms).items():
        _callback(draft, ("callbacks", name), terms)


def _callback(draft: Draft, loc: Loc, terms: CallbackTerms) -> None:
    check_spoken(draft, loc, terms, "text", "booked_text", "sorry_text")
    check_instead(draft, loc, "booked_prompt", "booked_text")
    check_instead(draft, loc, "sorry_prompt", "sorry_text")
    if terms.shortest_delay >= terms.longest_delay:
        here = draft.written((*loc, "shortest_delay"), (*loc, "longest_delay"))
        draft.wrong(here, "no time is left: shortest_delay must be less than longest_delay")
    if terms.first_leg == "shopper" and draft.source.find((*loc, "text")):
        draft.doubtful((*loc, "text"), "has no effect: the shopper is dialled first")
    mailbox = draft.items(Mailbox).get(terms.mailbox or "")
    if mailbox and not (mailbox.email or mailbox.webhook):
        draft.doubtful(
            (*loc, "mailbox"), 'nobody is notified: this mailbox has neither "email" nor "webhook"'
        )
    if terms.tries > 1 and terms.pause >= terms.longest_delay:
        draft.doubtful(
            draft.written((*loc, "pause"), (*loc, "longest_delay")),
            f"there is no second try: longest_delay ends within {write_duration(terms.pause)}",
        )


CALLBACKS = Section(checks=(check_callbacks,), unused=UNUSED)
