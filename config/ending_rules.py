"""What screening, whispers, mailboxes, callbacks, queues and mail must keep beyond their own form."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from config.addresses import is_loopback
from config.destination_rules import check_template
from config.draft import Draft
from config.endings import CallbackTerms, Lost, Mailbox, Queue, Screening, Webhook, Whisper
from config.problems import Loc
from config.resolve import NO_SECRET
from config.routes import Route

#: What every spoken text may name, besides {context.KEY}; and what some texts may name too.
SPOKEN_PLACEHOLDERS = ("site", "page", "from_shopper")
FURTHER_PLACEHOLDERS = {"announcement": ("position", "minutes"), "offer": ("key",), "booked_text": ("when",)}
#: A part that is said only where its placeholders tell something, or a bracket that is none of it.
_BRACKETS = re.compile(r"\[([^\[\]]*)\]|[\[\]]")
#: A webhook's secret (Standard Webhooks): this and so many bytes in base64.
SECRET_PREFIX = "whsec_"  # noqa: S105
SECRET_BYTES = range(24, 65)


def check_endings(draft: Draft) -> None:
    """Problems and warnings of everything that keeps a call from being lost."""
    for name, site in draft.sites.items():
        _told(draft, ("sites", name, "screening"), site.screening)
        _told(draft, ("sites", name, "lost_connection"), site.lost_connection)
    for loc, whisper in _whispers(draft):
        _whisper(draft, loc, whisper)
    for name, mailbox in draft.mailboxes.items():
        _mailbox(draft, ("mailboxes", name), mailbox)
    for name, terms in draft.callbacks.items():
        _callback(draft, ("callbacks", name), terms)
    for name, queue in draft.queues.items():
        _queue(draft, ("queues", name), queue)
    for name, route in draft.routes.items():
        _early_media(draft, ("routes", name), route)
    _mail(draft)
    if draft.server is not None:
        check_public_url(draft, ("server", "public_url"), draft.server.public_url)


def _told(draft: Draft, loc: Loc, told: Screening | Lost) -> None:
    _spoken(draft, loc, told, "text")
    _instead(draft, loc, "prompt", "text")


def _whispers(draft: Draft) -> Iterator[tuple[Loc, Whisper]]:
    for name, site in draft.sites.items():
        yield ("sites", name, "whisper"), site.whisper
    for section, items in (
        ("destinations", draft.destinations),
        ("stores", draft.stores),
        ("agents", draft.agents),
    ):
        for name, item in items.items():
            if item.whisper is not None:
                yield (section, name, "whisper"), item.whisper
    for name, route in draft.routes.items():
        for number, step in enumerate(route.steps or ()):
            if step.whisper is not None:
                yield ("routes", name, "steps", number, "whisper"), step.whisper


def _whisper(draft: Draft, loc: Loc, whisper: Whisper) -> None:
    if whisper.text is not None:
        _spoken(draft, loc, whisper, "text")
    _instead(draft, loc, "prompt", "text")


def _mailbox(draft: Draft, loc: Loc, mailbox: Mailbox) -> None:
    _spoken(draft, loc, mailbox, "text", "thanks")
    _instead(draft, loc, "greeting", "text")
    if mailbox.email and draft.tree.get("mail") is None:
        draft.wrong((*loc, "email"), 'nothing says how mail is sent: add the section "mail"')
    for index, address in enumerate(mailbox.email):
        if address in mailbox.email[:index]:
            draft.doubtful((*loc, "email", index), "is here twice: name it once")
    if mailbox.webhook:
        check_webhook(draft, (*loc, "webhook"), mailbox.webhook)


def check_webhook(draft: Draft, loc: Loc, webhook: Webhook) -> None:
    """A URL that can be read on its way is doubtful, a secret of another form is wrong."""
    _in_the_clear(draft, (*loc, "url"), webhook.url)
    secret = webhook.secret.get_secret_value()
    if secret != NO_SECRET and not is_webhook_secret(secret):
        draft.wrong(
            draft.written((*loc, "secret_file"), (*loc, "secret_env")),
            "not a webhook's secret: write whsec_ and the base64 of 24 to 64 random bytes "
            "(openssl rand -base64 32)",
        )


def is_webhook_secret(secret: str) -> bool:
    """Whether this is ``whsec_`` and the base64 of as many bytes as Standard Webhooks ask for."""
    if not secret.startswith(SECRET_PREFIX):
        return False
    try:
        return len(base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)) in SECRET_BYTES
    except binascii.Error:
        return False


def _callback(draft: Draft, loc: Loc, terms: CallbackTerms) -> None:
    _spoken(draft, loc, terms, "text", "booked_text", "sorry_text")
    _instead(draft, loc, "booked_prompt", "booked_text")
    _instead(draft, loc, "sorry_prompt", "sorry_text")
    if terms.shortest_delay >= terms.longest_delay:
        here = draft.written((*loc, "shortest_delay"), (*loc, "longest_delay"))
        draft.wrong(here, "no time would be left: shortest_delay must be less than longest_delay")
    if terms.first_leg == "shopper" and draft.source.find((*loc, "text")):
        draft.doubtful((*loc, "text"), "has no effect: the shopper is dialled first")
    mailbox = draft.mailboxes.get(terms.mailbox or "")
    if mailbox and not (mailbox.email or mailbox.webhook):
        draft.doubtful((*loc, "mailbox"), 'nobody is told: this mailbox has neither "email" nor "webhook"')


def _queue(draft: Draft, loc: Loc, queue: Queue) -> None:
    _spoken(draft, loc, queue, "announcement", "offer")
    _instead(draft, loc, "prompt", "announcement")
    if queue.callback is None:
        for key in ("offer", "callback_key"):
            if draft.source.find((*loc, key)):
                draft.doubtful((*loc, key), 'has no effect without "callback"')
    elif "{key}" not in queue.offer and queue.callback_key not in queue.offer:
        draft.doubtful((*loc, "offer"), "does not say which key to press: write {key}")


def _early_media(draft: Draft, loc: Loc, route: Route) -> None:
    if not route.early_media:
        return
    for name in dict.fromkeys(name for step in route.steps or () for name in step.destinations):
        known = draft.destinations.get(name)
        ways = {known.screening, *(place.screening for place in known.find_me)} if known else set()
        if ways & {"press_1", "amd"}:
            draft.doubtful(
                (*loc, "early_media"),
                f"what {name} is screened for may be heard all the same: a voicemail that speaks before it "
                "answers",
            )


def _mail(draft: Draft) -> None:
    mail = draft.mail
    if mail is None:
        return
    if not any(True for _ in draft.at(("mailboxes", "*", "email", "*"))):
        draft.doubtful(("mail",), 'nothing uses this: give a mailbox "email", or take it out')
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
        draft.doubtful(here, "mails, and a password, travel in the clear: set security to starttls or tls")


def check_public_url(draft: Draft, loc: Loc, url: str) -> None:
    """A problem for an address that nothing can be added to, a warning for one without TLS."""
    if "?" in url:
        draft.wrong(loc, "links are made by adding to this: leave out the question mark and what follows")
    _in_the_clear(draft, loc, url)


def _spoken(
    draft: Draft, loc: Loc, part: Screening | Lost | Whisper | Mailbox | CallbackTerms | Queue, *keys: str
) -> None:
    for key in keys:
        names = (*SPOKEN_PLACEHOLDERS, *FURTHER_PLACEHOLDERS.get(key, ()))
        text = getattr(part, key)
        check_template(draft, (*loc, key), text, names)
        for found in _BRACKETS.finditer(text):
            if found[1] is None:
                draft.wrong_within(
                    (*loc, key), found.start(), "a bracket without its partner, or within another one"
                )
            elif "{" not in found[1]:
                draft.doubtful(
                    (*loc, key), "a part in brackets that is always said: it has no placeholder that may lack"
                )


def _instead(draft: Draft, loc: Loc, prompt: str, text: str) -> None:
    if draft.source.find((*loc, prompt)) and draft.source.find((*loc, text)):
        draft.doubtful((*loc, text), f'has no effect: "{prompt}" is heard in its place')


def _in_the_clear(draft: Draft, loc: Loc, url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        draft.wrong(loc, "not a URL that can be asked for: check its host and port")
        return
    if parts.scheme == "http" and not is_loopback(host):
        draft.doubtful(loc, "what is sent here can be read and changed on its way: use https")
