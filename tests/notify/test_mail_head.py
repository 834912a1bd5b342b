"""Whatever a shopper is called, a mail has the headers that Ringback writes and no others."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.mail import compose, header_text
from notify.wording import one_line
from tests.notify.parts import mail_delivery

EXPECTED = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"]
WORDS = [
    "Eve =?utf-8?q?=0D=0ABcc:_all@example.com?=",
    "=?utf-8?q?=0D=0AReply-To:_eve@evil.example?=",
    "=?utf-8?q?=0A=0A<h1>Hello</h1>?=",
    "=?utf-8?b?DQpCY2M6IGFsbEBleGFtcGxlLmNvbQ==?=",
    "=?utf-8?q?a?= =?utf-8?q?=0D=0AX-Evil:_1?=",
    "=?us-ascii*en?Q?=0d=0aBcc:x?=",
    "==??utf-8?q?=0D=0ABcc:_x?=",
    "=\r\n?utf-8?q?=0D=0ABcc:_x?=",
    "=\u200b?utf-8?q?=0D=0ABcc:_x?=",
    "name\r\nBcc: all@example.com",
    "name\nBcc: all@example.com",
    "name\r Bcc: all@example.com",
    "name\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029Bcc: x",
    "half a character \ud800",
    "",
    " ",
    "Bcc:",
    "é" * 300,
    "a" * 900,
    "=?" * 300,
    "Größe =?utf-8?q?=0D=0ABcc:_x?= Größe",
]
TEXTS = st.text() | st.lists(
    st.sampled_from(
        ["=?", "utf-8", "?", "q", "b", "=0D=0A", "DQo=", "?=", "\r\n", "Bcc:", " ", "é", "=", "\ud800"]
    ),
    max_size=30,
).map("".join)


def head_of(subject: str, **about: str) -> email.message.EmailMessage:
    """The head as another program reads it, once it is seen to be whole."""
    content = compose(mail_delivery(subject=subject, **about), "ringback@shop.example", None)
    head, _, body = content.partition(b"\r\n\r\n")
    assert body.startswith(b"text")
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    names = re.findall(rb"(?m)^([^ \t:]+):", head)
    assert [name.decode() for name in names][: len(EXPECTED)] == EXPECTED
    assert {name.decode() for name in names[len(EXPECTED) :]} <= {
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding"
    }  # fmt: skip
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize("name", WORDS)
def test_a_name_stays_in_the_subject(name: str) -> None:
    read = head_of(f"[Office] Message from {name} (+1 617-555-0142)", body="text\n")
    assert "Bcc" not in read
    subject = str(read["Subject"])
    assert "=?" not in subject
    assert one_line(subject) == header_text(f"[Office] Message from {name} (+1 617-555-0142)")


@given(TEXTS)
def test_any_text_stays_in_the_subject(text: str) -> None:
    read = head_of(text, body="text\n")
    assert "=?" not in str(read["Subject"])
    assert str(read["Subject"]).split() == header_text(text).split()


@pytest.mark.parametrize(
    ("sender", "target"),
    [
        ("ringback@shop.example\r\nBcc: x@example.com", "sales@shop.example"),
        ("ringback@shop.example", "sales@shop.example\nBcc: x@example.com"),
        ("=?utf-8?q?=0D=0ABcc:_x?=@shop.example", "sales@shop.example"),
        ("ringback@shop.example", "=?utf-8?q?=0D=0ABcc:_x?=@shop.example"),
        ("ringback@=?utf-8?q?=0D=0ABcc:_x?=", "sales@shop.example"),
    ],
)
def test_an_address_that_leaves_its_header_is_no_mail(sender: str, target: str) -> None:
    """The settings refuse most of these; what gets here anyhow is told, and nothing is sent."""
    try:
        content = compose(mail_delivery(target=target), sender, None)
    except ValueError:
        return
    assert not re.search(rb"(?mi)^bcc:", content.partition(b"\r\n\r\n")[0])


def test_a_recording_changes_nothing(tmp_path: Path) -> None:
    told = mail_delivery(subject=WORDS[0], attachment=str(tmp_path / "a.wav"))
    head = compose(told, "ringback@shop.example", b"RIFF").partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?mi)^bcc:", head)
