"""A new metric is in the docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: The folders in which the server's metrics are made.
FOLDERS = ("api", "bridge", "calls", "cti", "media", "notify", "server", "sip", "store", "switch", "webrtc")
_KIND = re.compile(r"Counter|Gauge|Histogram|Info|\w+MetricFamily")


def _made() -> Iterator[str]:
    """The first argument of everything that makes a metric."""
    for file in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(name)), *_]):
                    if _KIND.fullmatch(kind):
                        yield name


def test_every_metric_is_in_the_docs() -> None:
    made = set(_made())
    assert {"ringback_calls", "ringback_media_slots", "ringback_usable"} <= made
    told = "\n".join(file.read_text() for file in (ROOT / "docs").glob("*.md"))
    # Prometheus adds an ending to counters and to information.
    assert [name for name in sorted(made) if not re.search(rf"`{name}(_total|_info)?[`{{]", told)] == []
