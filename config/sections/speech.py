"""What Ringback says in a call: screening, whispers, and the words after a loss.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import Model, PromptName, SomeSeconds
from config.checks.templates import check_brackets, check_template
from config.draft import Draft
from config.fields import MINUTE
from config.marks import Form, Usual
from config.problems import Loc

Words = Annotated[str, Field(min_length=1, max_length=600), Form("a text of at most 600 characters")]


class ScreeningTexts(Model):
    """What people hear who answer at a destination with `screening`, before they press a key to take the
    call."""

    prompt: PromptName | None = None
    """A recorded prompt, in place of the text."""
    text: Words = "Web call for {site}{from_shopper}. Press 1 to take the call, or 2 to decline."
    """What a synthetic voice says. {site} is the site's label, {page} the page's path, {from_shopper} becomes
    `, from Ann` where customer.name is known. {context.KEY} is what is known of the shopper: what was signed,
    else what the page claims; {signed.KEY} only what was signed. A part in [brackets] is said only where its
    placeholders tell something: `Web call[, a cart of {context.cart.value} dollars].`"""
    timeout: Annotated[
        SomeSeconds,
        Usual(5, "nobody hears the whole prompt", 2 * MINUTE, "the shopper may be waiting for a voicemail"),
    ] = 20.0
    """How long they have for that, from the answer; the prompt is repeated."""


class Whisper(Model):
    """What people are told who take a call, before the shopper hears them; without prompt and text,
    nothing."""

    prompt: PromptName | None = None
    """A recorded prompt, in place of the text."""
    text: Words | None = None
    """What a synthetic voice says; placeholders as in `screening`."""


class Lost(Model):
    """What the shopper is told when the business's side of the call breaks off: others are rung then."""

    prompt: PromptName | None = None
    """A recorded prompt, in place of the text."""
    text: Words = "We lost the connection. Please stay on the line: we are calling somebody else for you."
    """What a synthetic voice says; placeholders as in `screening`."""


#: What every spoken text may name, besides {context.KEY}; and what some texts may name too.
SPOKEN_PLACEHOLDERS = ("site", "page", "from_shopper")
FURTHER_PLACEHOLDERS = {
    "announcement": ("position", "minutes"),
    "offer": ("key",),
    "notice": ("key",),
    "booked_text": ("when",),
}


def check_told(draft: Draft, loc: Loc, told: ScreeningTexts | Lost) -> None:
    """Problems and warnings of a prompt or text that everybody hears."""
    check_spoken(draft, loc, told, "text")
    check_instead(draft, loc, "prompt", "text")


def check_whisper(draft: Draft, loc: Loc, whisper: Whisper | None) -> None:
    """Problems and warnings of a whisper, if there is one."""
    if whisper is None:
        return
    if whisper.text is not None:
        check_spoken(draft, loc, whisper, "text")
    check_instead(draft, loc, "prompt", "text")


def check_spoken(draft: Draft, loc: Loc, part: Model, *keys: str) -> None:
    """Problems and warnings of the texts that these settings of a part hold."""
    for key in keys:
        names = (*SPOKEN_PLACEHOLDERS, *FURTHER_PLACEHOLDERS.get(key, ()))
        text = getattr(part, key)
        check_template(draft, (*loc, key), text, names)
        check_brackets(draft, (*loc, key), text)


def check_instead(draft: Draft, loc: Loc, prompt: str, text: str) -> None:
    """A warning for a text that is never heard, as a recorded prompt is."""
    if draft.source.find((*loc, prompt)) and draft.source.find((*loc, text)):
        draft.doubtful((*loc, text), f'has no effect: "{prompt}" is played instead')
