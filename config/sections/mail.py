"""The section ``mail``: the SMTP server that messages are sent through.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Literal

from config.base import EmailAddress, Model
from config.checks.addresses import is_loopback
from config.draft import Draft
from config.fields import HostPort, Peer, Secret
from config.section import Section


class Mail(Model):
    """The SMTP server that messages are sent through."""

    server: Peer = HostPort("127.0.0.1", 25)
    """Host and port: 25, 587 for `starttls`, 465 for `tls`."""
    security: Literal["none", "starttls", "tls"] = "none"
    """How the connection is encrypted."""
    username: str | None = None
    """Name to log in with; needs a password."""
    password: Secret | None = None
    """Password to log in with."""
    sender: EmailAddress
    """The sender's address."""
    bounces: EmailAddress | None = None
    """Where mail servers report what they cannot deliver (the envelope's sender, RFC 5321): a mailbox that
    answers nothing by itself; by default the sender's."""


def check_mail(draft: Draft) -> None:
    """Problems and warnings of the mail server."""
    mail = draft.section(Mail)
    if mail is None:
        return
    users = (("mailboxes", "*", "email", "*"), ("agents", "*", "email"))
    if not any(True for pattern in users for _ in draft.at(pattern)):
        draft.doubtful(("mail",), 'nothing uses this: give a mailbox "email", or remove it')
    if mail.username and not mail.password:
        draft.wrong(
            ("mail", "username"), 'a username needs a password: add "password_file" or "password_env"'
        )
    if mail.password and not mail.username:
        secret = draft.written(("mail", "password_file"), ("mail", "password_env"))
        draft.wrong(secret, 'a password needs a username: add "username"')
    if (wanted := {465: "tls", 587: "starttls"}.get(mail.server.port)) and mail.security != wanted:
        here = draft.written(("mail", "security"), ("mail", "server"), ("mail",))
        draft.doubtful(here, f"port {mail.server.port} is for {wanted}: set security to {wanted}")
    elif mail.security == "none" and not is_loopback(mail.server.host):
        here = draft.written(("mail", "security"), ("mail", "server"), ("mail",))
        draft.doubtful(here, "e-mails and passwords are sent unencrypted: set security to starttls or tls")


MAIL = Section(checks=(check_mail,))
