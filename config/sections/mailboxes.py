"""The section ``mailboxes``: where shoppers leave messages.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import EmailAddress, Model, PromptName
from config.checks.labels import check_labels
from config.draft import Draft
from config.fields import KeptSeconds, Seconds
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.speech import Words, check_instead, check_spoken
from config.sections.webhook import Webhook, check_webhook


class Mailbox(Model):
    """Where shoppers leave messages: stored, and sent on by e-mail and webhook."""

    label: str
    """What the mail's subject calls it."""
    greeting: PromptName | None = None
    """A recorded prompt, in place of the text."""
    text: Words = (
        "We are sorry, nobody can take your call now. Please leave a message after the tone, "
        "and press the hash key when you have finished."
    )
    """What a synthetic voice says before the tone; placeholders as in `screening`."""
    thanks: Words = "Thank you. Your message has been taken. Goodbye."
    """What it says afterwards."""
    longest_message: Annotated[Seconds, Field(ge=5, le=600)] = 120.0
    """The longest message."""
    email: tuple[EmailAddress, ...] = ()
    """Who gets each message by e-mail, as a WAV file; needs `mail`."""
    sender: EmailAddress | None = None
    """The sender's address of its e-mails, instead of the one in `mail`: customers of an agency have their
    own."""
    webhook: Webhook | None = None
    """Who is told of each message by webhook."""
    keep_messages: Annotated[KeptSeconds, Field(ge=3600)] = 30 * 86400.0
    """How long a message is kept; then it is deleted."""


def check_mailboxes(draft: Draft) -> None:
    """Problems and warnings of mailboxes."""
    for name, mailbox in draft.items(Mailbox).items():
        _mailbox(draft, ("mailboxes", name), mailbox)
    check_labels(draft, "mailboxes")


def _mailbox(draft: Draft, loc: Loc, mailbox: Mailbox) -> None:
    check_spoken(draft, loc, mailbox, "text", "thanks")
    check_instead(draft, loc, "greeting", "text")
    if mailbox.email and draft.tree.get("mail") is None:
        draft.wrong((*loc, "email"), 'nothing says how mail is sent: add the section "mail"')
    for index, address in enumerate(mailbox.email):
        if address in mailbox.email[:index]:
            draft.doubtful((*loc, "email", index), "is here twice: remove one")
    if mailbox.webhook:
        check_webhook(draft, (*loc, "webhook"), mailbox.webhook)


MAILBOXES = Section(checks=(check_mailboxes,), one="mailbox", unused=UNUSED)
