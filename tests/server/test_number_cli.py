"""``ringback number``: what an operator is told of a number."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.config.files import ENVIRONMENT, GOOD, write_wav


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("(617) 555-0123", 0, "+16175550123 (+1 617-555-0123) is called by shop: fixed line or mobile, US"),
        (
            "617 976 1234",
            1,
            "is not called by shop: number_type_refused, +1xxx976: pay-per-call exchange 976",
        ),
        ("900 234 5678", 1, "is not called by shop: number_type_refused, +1900: premium rate"),
        (
            "617 200 1234",
            1,
            "is not called by shop: number_type_refused, numbers.refused_prefixes has +1617200",
        ),
        ("800 234 5678", 0, "is called by shop: numbers.allowed_prefixes has +1800"),
        ("+1 876 926 1234", 1, "is not called by shop: country_refused, its country: JM"),
        ("617 555 0123 x5", 1, "not called: number_invalid: We cannot dial the extension 5"),
        ("911", 1, "not called: number_short"),
    ],
)
def test_why_a_number_is_called_or_not(tmp_path: Path, typed: str, code: int, told: str) -> None:
    file = tmp_path / "ringback.yaml"
    write_wav(tmp_path / "welcome.wav")
    file.write_text(GOOD + 'numbers: {refused_prefixes: ["+1 617 200"], allowed_prefixes: ["+1 800"]}\n')
    result = CliRunner().invoke(app, ["number", str(file), typed], env=ENVIRONMENT)
    assert result.exit_code == code
    assert told in result.output
