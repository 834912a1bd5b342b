"""Doubts about the languages of sites: a voice of another one than the texts, texts left in English."""

from __future__ import annotations

from config.draft import Draft
from config.sections.callbacks import CallbackTerms
from config.sections.mailboxes import Mailbox
from config.sections.queues import Queue
from config.sections.sites import Site
from config.sections.speech import Lost, ScreeningTexts
from routing.language import SHIPPED, language_of


def doubt_languages(draft: Draft) -> None:
    """Warnings of sites whose voice and texts do not fit together."""
    for name, site in draft.items(Site).items():
        loc = ("sites", name)
        if site.language and site.voice and language_of(site.voice) != site.language:
            draft.doubtful(
                (*loc, "voice"),
                f"speaks a different language from the site, whose language is {site.language}: choose a "
                "voice of that language, or remove this line",
            )
        if site.tongue not in SHIPPED and (left := _left_in_english(draft, site)):
            draft.doubtful(
                draft.written((*loc, "language"), (*loc, "voice"), loc),
                f"Ringback has no texts in this language, and says these in English: {', '.join(left)}. "
                "Write them, or record prompts",
            )


def _left_in_english(draft: Draft, site: Site) -> list[str]:
    """The texts that nobody has written."""
    left = []
    if site.screening.prompt is None and site.screening.text == ScreeningTexts().text:
        left.append("screening.text")
    if site.lost_connection.prompt is None and site.lost_connection.text == Lost().text:
        left.append("lost_connection.text")
    mailbox, terms, queue = Mailbox(label=""), CallbackTerms(), Queue()
    for name, box in draft.items(Mailbox).items():
        if box.greeting is None and box.text == mailbox.text:
            left.append(f"mailboxes.{name}.text")
    for name, callback in draft.items(CallbackTerms).items():
        if callback.booked_prompt is None and callback.booked_text == terms.booked_text:
            left.append(f"callbacks.{name}.booked_text")
        if callback.sorry_prompt is None and callback.sorry_text == terms.sorry_text:
            left.append(f"callbacks.{name}.sorry_text")
    for name, line in draft.items(Queue).items():
        if line.prompt is None and line.announcement == queue.announcement:
            left.append(f"queues.{name}.announcement")
    return left
