"""Numbers in logs."""

from __future__ import annotations

import pytest

from bridge.masking import mask_digits, mask_line, mask_number, mask_text


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+16175550123", "+1617•••••23"),
        ("+442079460958", "+4420••••••58"),
        ("+4930901820", "+4930••••20"),
        ("+2901234", "+29••••4"),
    ],
)
def test_a_number_is_masked(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"number": "+16175550123", "n": 1}', '{"number": "+1617•••••23", "n": 1}'),
        ("INVITE sip:+16175550123@carrier", "INVITE sip:+1617•••••23@carrier"),
        ("INVITE sip:16175550123@carrier", "INVITE sip:16175••••23@carrier"),
        ("sips:16175550123@x tel:16175550123", "sips:16175••••23@x tel:16175••••23"),
        ("2026-11-22T01:11:34+00:00 took 1234567 us", "2026-11-22T01:11:34+00:00 took 1234567 us"),
        ("at 1800000000.123 call 4f0012345678", "at 1800000000.123 call 4f0012345678"),
        ("sip:boston@10.0.0.1:5060", "sip:boston@10.0.0.1:5060"),
    ],
)
def test_every_number_in_a_text_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert mask_line(None, "info", text) == masked
    assert mask_line(None, "info", text.encode()) == masked.encode()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("sip:+16175550123@10.0.0.1:5060", "sip:+1617•••••23@10.0.0.1:5060"),
        ("from 02079460000 to 12345", "from 02079••••00 to 12345"),
        ("call 123456", "call 123••6"),
    ],
)
def test_every_run_of_digits_is_masked_that_could_be_a_number(text: str, masked: str) -> None:
    assert mask_digits(text) == masked
