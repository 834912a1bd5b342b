"""Screening, mailboxes, callbacks, queues and mail: what is refused, what is doubtful, and in which words."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from config.checks.secrets import is_webhook_secret
from config.fields import LONGEST_KEPT
from config.loader import load
from config.problems import ConfigError
from config.sections.callbacks import CallbackTerms
from config.sections.mailboxes import Mailbox
from config.sections.queues import Queue
from config.sections.speech import SPOKEN_PLACEHOLDERS, ScreeningTexts
from routing import spoken
from tests.config.files import ENVIRONMENT, GOOD, changed, load_text, warnings, write_config

#: GOOD's last lines are 28 (prompts), 30 (mailboxes) and 31.
OFFICE = "  office: {label: Office}\n"
SECRET = ENVIRONMENT["WEBHOOK_SECRET"]


def told(folder: Path, text: str, **environment: str) -> list[str]:
    """Problems, or of a file that loads its warnings, without the file's name."""
    file = write_config(folder, text)
    try:
        problems = load(file, {**ENVIRONMENT, **environment}).warnings
    except ConfigError as error:
        problems = error.problems
    return [problem.line(file).removeprefix(f"{file}:") for problem in problems]


@pytest.mark.parametrize(
    ("office", "more", "lines"),
    [
        (
            "{label: Office, email: [a@shop.example]}",
            "",
            ['31:27: mailboxes.office.email: nothing says how mail is sent: add the section "mail"'],
        ),
        (
            "{label: Office, email: [a@shop.example, a@shop.example]}",
            "mail: {sender: r@shop.example}\n",
            ["31:51: mailboxes.office.email[1]: is here twice: remove one"],
        ),
        (
            "{label: Office, email: [a at shop.example]}",
            "mail: {sender: r@shop.example}\n",
            ["31:35: mailboxes.office.email[0]: write an e-mail address, such as sales@shop.example"],
        ),
        (
            "{label: Office}",
            "mail: {sender: r@shop.example}\n",
            ['32:1: mail: nothing uses this: give a mailbox "email", or remove it'],
        ),
        (
            "{label: Office, email: [a@shop.example]}",
            "mail: {server: smtp.shop.example:25, sender: r@shop.example, username: r}\n",
            [
                '32:72: mail.username: a username needs a password: add "password_file" or "password_env"',
            ],
        ),
        (
            "{label: Office, email: [a@shop.example]}",
            "mail: {sender: r@shop.example, password_env: SMTP_PASSWORD}\n",
            ['32:46: mail.password_env: a password needs a username: add "username"'],
        ),
        (
            "{label: Office, email: [a@shop.example]}",
            "mail: {server: smtp.shop.example:25, sender: r@shop.example}\n",
            [
                "32:16: mail.server: e-mails and passwords are sent unencrypted: set security to starttls or tls",
            ],
        ),
        (
            "{label: Office, webhook: {url: https://crm.example, secret_env: SHORT}}",
            "",
            [
                "31:75: mailboxes.office.webhook.secret_env: not a webhook's secret: write whsec_ and the base64 of "
                "24 to 64 random bytes (openssl rand -base64 32)"
            ],
        ),
        (
            "{label: Office, webhook: {url: http://crm.example/x, secret_env: WEBHOOK_SECRET}}",
            "",
            ["31:42: mailboxes.office.webhook.url: data sent here can be read and changed in transit: use https"],
        ),
        ("{label: Office, webhook: {url: http://127.0.0.1/x, secret_env: WEBHOOK_SECRET}}", "", []),
        (
            "{label: Office, webhook: {url: 'http://[x/y', secret_env: WEBHOOK_SECRET}}",
            "",
            ["31:42: mailboxes.office.webhook.url: not a valid URL: check its host and port"],
        ),
        (
            "{label: Office, webhook: {url: https://crm.example}}",
            "",
            [
                '31:27: mailboxes.office.webhook.secret: missing: add "secret_file", the path of a file, or "secret_env"',
            ],
        ),
        (
            "{label: Office, keep_messages: 3651d, longest_message: 4s}",
            "",
            [
                "31:42: mailboxes.office.keep_messages: too large: the maximum is 3650d",
                "31:66: mailboxes.office.longest_message: too small: the minimum is 5s",
            ],
        ),
        (
            '{label: Office, text: "Hello {sit}", thanks: "to {from_shopper} {context.town} }"}',
            "",
            [
                '31:40: mailboxes.office.text: {sit} is not a placeholder: did you mean "site"?',
                "31:90: mailboxes.office.thanks: this brace was never opened: use braces only for placeholders, such as {site}",
            ],
        ),
        (
            "{label: Office, greeting: welcome, text: Hello}",
            "",
            ['31:52: mailboxes.office.text: has no effect: "greeting" is played instead'],
        ),
        (
            "{label: Office, greeting: welcom}",
            "",
            ['31:37: mailboxes.office.greeting: there is no prompt called "welcom": did you mean "welcome"?'],
        ),
        (
            "{label: Office}\n  spare: {label: Spare}",
            "",
            ["32:3: mailboxes.spare: nothing uses this: name it somewhere, or remove it"],
        ),
    ],
)  # fmt: skip
def test_mailboxes(tmp_path: Path, office: str, more: str, lines: list[str]) -> None:
    text = changed((OFFICE, f"  office: {office}\n{more}"))
    assert told(tmp_path, text, SHORT="whsec_c2hvcnQ=") == lines


@pytest.mark.parametrize(
    ("callback", "queue", "lines"),
    [
        ("{}", "{callback: later, music: welcome}", []),
        (
            "{shortest_delay: 3d, longest_delay: 2d}",
            "{}",
            ["34:27: callbacks.later.shortest_delay: no time is left: shortest_delay must be less than longest_delay"],
        ),
        (
            "{longest_delay: 8d, tries: 11}",
            "{callback_key: 12}",
            [
                "34:26: callbacks.later.longest_delay: too large: the maximum is 7d",
                "34:37: callbacks.later.tries: too large: the maximum is 10",
                "36:24: queues.line.callback_key: write one key of a telephone: a digit, * or #",
            ],
        ),
        (
            "{hours: office, mailbox: offic}",
            "{callback: late, music: waiting}",
            [
                '34:18: callbacks.later.hours: there is no opening hours called "office": there are no opening hours yet',
                '34:35: callbacks.later.mailbox: there is no mailbox called "offic": did you mean "office"?',
                '36:20: queues.line.callback: there is no callback called "late": did you mean "later"?',
                '36:33: queues.line.music: there is no prompt called "waiting": the prompts are: welcome',
            ],
        ),
        (
            "{mailbox: office}",
            "{}",
            ['34:20: callbacks.later.mailbox: nobody is notified: this mailbox has neither "email" nor "webhook"'],
        ),
        (
            "{first_leg: shopper, text: Press 1}",
            "{}",
            ["34:37: callbacks.later.text: has no effect: the shopper is dialled first"],
        ),
        (
            '{booked_text: "at {when}, {minutes}"}',
            '{announcement: "{position} {minutes} {key}", offer: "press {key} {when}", callback: later}',
            [
                '34:36: callbacks.later.booked_text: {minutes} is not a placeholder: the placeholders are: context.KEY, from_shopper, page, signed.KEY, site, when',
                '36:46: queues.line.announcement: {key} is not a placeholder: the placeholders are: context.KEY, from_shopper, minutes, page, position, signed.KEY, site',
                '36:74: queues.line.offer: {when} is not a placeholder: the placeholders are: context.KEY, from_shopper, key, page, signed.KEY, site',
            ],
        ),
        (
            "{}",
            "{offer: press 1, callback_key: 2}",
            [
                '36:17: queues.line.offer: has no effect without "callback"',
                '36:40: queues.line.callback_key: has no effect without "callback"',
            ],
        ),
        (
            "{}",
            '{offer: press it, callback: later}',
            ["36:17: queues.line.offer: does not say which key to press: write {key}"],
        ),
    ],
)  # fmt: skip
def test_callbacks_and_queues(tmp_path: Path, callback: str, queue: str, lines: list[str]) -> None:
    text = changed(
        ("    message: office\n", "    callback: later\n    queue: line\n"),
        (OFFICE, f"{OFFICE}callbacks:\n  later: {callback}\nqueues:\n  line: {queue}\n"),
    )
    spare = "mailboxes.office: nothing uses this: name it somewhere, or remove it"
    assert [line for line in told(tmp_path, text) if spare not in line] == lines


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            ("    greeting: welcome\n", "    greeting: welcome\n    voice: English\n"),
            ["18:12: sites.shop.voice: write a voice of espeak-ng, such as en-us or de"],
        ),
        (
            ("    greeting: welcome\n", "    greeting: welcome\n    screening: {prompt: welcme, text: '{url}', timeout: 0s}\n"),
            [
                '18:25: sites.shop.screening.prompt: there is no prompt called "welcme": did you mean "welcome"?',
                "18:57: sites.shop.screening.timeout: too small: the minimum is 0.1s",
            ],
        ),
        (
            ("    greeting: welcome\n", "    greeting: welcome\n    screening: {prompt: welcome, text: '{url}'}\n"),
            [
                "18:41: sites.shop.screening.text: {url} is not a placeholder: the placeholders are: context.KEY, from_shopper, page, signed.KEY, site",
            ],
        ),
        (
            ("    label: Store\n", "    label: Store\n    screening: press1\n"),
            ['21:16: destinations.store.screening: not a known value: did you mean "press_1"?'],
        ),
        (
            ("    message: office\n", "    message: offic\n"),
            [
                '27:14: routes.sales.message: there is no mailbox called "offic": did you mean "office"?',
            ],
        ),
        (
            ("[127.0.0.1]\n", "[127.0.0.1]\n  public_url: http://calls.shop.example\n"),
            ["3:15: server.public_url: data sent here can be read and changed in transit: use https"],
        ),
        (
            ("[127.0.0.1]\n", "[127.0.0.1]\n  public_url: https://calls.shop.example/?x=\n"),
            ["3:15: server.public_url: Ringback appends paths to this: remove the question mark and everything after it"],
        ),
        (
            ("[127.0.0.1]\n", "[127.0.0.1]\n  recordings: lost/messages\n"),
            ["3:15: server.recordings: there is no folder {folder}/lost: create it"],
        ),
        (
            ("[127.0.0.1]\n", "[127.0.0.1]\n  recordings: welcome.wav\n"),
            ["3:15: server.recordings: {folder}/welcome.wav is a file: name a folder"],
        ),
        (
            ("    label: Store\n", "    label: Store\n    screening: amd\n"),
            [],
        ),
    ],
)  # fmt: skip
def test_screening_and_the_server(tmp_path: Path, change: tuple[str, str], lines: list[str]) -> None:
    assert told(tmp_path, changed(change)) == [line.replace("{folder}", str(tmp_path)) for line in lines]


def test_early_media_lets_through_what_screening_keeps_away(tmp_path: Path) -> None:
    text = changed(
        ("    label: Store\n", "    label: Store\n    screening: press_1\n"),
        ("    message: office\n", "    message: office\n    early_media: true\n"),
    )
    assert warnings(tmp_path, text) == [
        "29:18: routes.sales.early_media: the shopper may hear what store is screened for: a "
        "voicemail that speaks before it answers"
    ]


@pytest.mark.parametrize(
    ("size", "right"), [(0, False), (23, False), (24, True), (64, True), (65, False)]
)  # fmt: skip
def test_a_webhooks_secret_is_that_of_standard_webhooks(size: int, right: bool) -> None:
    secret = base64.b64encode(bytes(range(size))).decode()
    assert is_webhook_secret(f"whsec_{secret}") is right
    assert not is_webhook_secret(secret)
    assert not is_webhook_secret(f"whsec_{secret}!")


def test_a_webhooks_secret_comes_from_a_private_file(tmp_path: Path) -> None:
    office = "  office: {label: Office, webhook: {url: https://crm.example, secret_file: hook}}\n"
    (tmp_path / "hook").write_text(f"{SECRET}\n")
    (tmp_path / "hook").chmod(0o644)
    (line,) = told(tmp_path, changed((OFFICE, office)))
    assert line == (
        "31:76: mailboxes.office.webhook.secret_file: every user of this machine can read this file: chmod o-r it"
    )
    (tmp_path / "hook").chmod(0o600)
    webhook = load_text(tmp_path, changed((OFFICE, office))).config.mailboxes["office"].webhook
    assert webhook
    assert webhook.secret.get_secret_value() == SECRET
    assert SECRET not in repr(webhook)


def test_the_defaults_keep_the_rules(tmp_path: Path) -> None:
    text = changed(
        ("    message: office\n", "    callback: later\n    queue: line\n"),
        (OFFICE, "  office: {label: Office, keep_messages: 365d, email: [a@shop.example]}\nmail: {sender: r@shop.example}\n"
                 "callbacks:\n  later: {mailbox: office}\nqueues:\n  line: {callback: later}\n"),
    )  # fmt: skip
    assert told(tmp_path, text) == []
    config = load_text(tmp_path, text).config
    assert config.mailboxes["office"].keep_messages == 365 * 86400 <= LONGEST_KEPT
    assert (config.callbacks["later"], config.queues["line"].callback_key) == (
        CallbackTerms(mailbox="office"),
        "1",
    )


def test_the_rules_know_what_is_filled_in() -> None:
    assert tuple(spoken._VALUES) == SPOKEN_PLACEHOLDERS
    texts = (
        ScreeningTexts().text,
        Mailbox(label="x").text,
        CallbackTerms().booked_text,
        Queue().announcement,
        Queue().offer,
    )
    assert all("{" not in text.format_map(dict.fromkeys(
        ("site", "from_shopper", "when", "position", "minutes", "key"), "")) for text in texts)  # fmt: skip


def test_the_good_file_has_a_mailbox_at_its_end(tmp_path: Path) -> None:
    assert GOOD.endswith(f"mailboxes:\n{OFFICE}")
    assert warnings(tmp_path, GOOD) == []
