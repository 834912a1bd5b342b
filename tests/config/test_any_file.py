"""Any file at all either loads or raises ConfigError, with places inside the file."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.check import check
from config.fields import LONGEST, parse_duration, write_duration
from config.models import Config
from tests.config.files import ENVIRONMENT, EXAMPLES, GOOD, write_config

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TREES = [
    YAML(typ="safe", pure=True).load((EXAMPLES / f"{name}.yaml").read_text())
    for name in ("minimal", "pbx", "carrier", "support", "browser_agents", "call_centre")
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.sampled_from(
        ["", "+1617", "1 per 1s", "9" * 400 + "s", "{page", "UK", "sip:", "::1", "0.0.0.0/0", "\x85"]
    ),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.text(max_size=8), SCALARS, max_size=3),
    st.just([{}]),
    st.just({"x": {}}),
)


def places_of(tree: Any, loc: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key and index in the tree."""
    branches = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = []
    for step, branch in branches:
        found += [(*loc, step), *places_of(branch, (*loc, step))]
    return found


def mutate(tree: Any, loc: tuple[Any, ...], how: str, value: Any, name: str) -> None:
    for step in loc[:-1]:
        tree = tree[step]
    last = loc[-1]
    if how == "drop":
        del tree[last]
    elif how == "rename" and isinstance(tree, dict):
        tree[name] = tree.pop(last)
    elif how == "add" and isinstance(tree, dict):
        tree[name] = value
    else:
        tree[last] = value


def loads_or_complains(file: Path) -> None:
    report = check(file, ENVIRONMENT)
    lines = file.read_bytes().decode("utf-8", errors="replace").splitlines()
    shown = ""
    for problem in (*report.problems, *report.warnings):
        assert 1 <= problem.place.line <= max(1, len(lines)), problem
        assert problem.place.column >= 1, problem
        assert problem.text
        shown += problem.line(file)
    assert list(report.problems) == sorted(report.problems)
    assert not any(secret in shown for secret in ENVIRONMENT.values())
    if report.config:
        dump = report.config.model_dump_json(context={"reveal": True})
        assert Config.model_validate_json(dump) == report.config
    else:
        assert report.problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompts").symlink_to(EXAMPLES / "prompts")
    return tmp_path


@QUICK
@given(data=st.data(), count=st.integers(1, 3))
def test_any_change_of_a_good_tree(folder: Path, data: st.DataObject, count: int) -> None:
    tree = copy.deepcopy(data.draw(st.sampled_from(TREES)))
    for _ in range(count):
        if places := places_of(tree):
            loc = data.draw(st.sampled_from(places))
            how = data.draw(st.sampled_from(["drop", "rename", "add", "retype"]))
            mutate(tree, loc, how, copy.deepcopy(data.draw(VALUES)), data.draw(st.text(max_size=8)))
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(tree, out)
    loads_or_complains(write_config(folder, out.getvalue().encode("utf-8", errors="replace")))


@QUICK
@given(data=st.data())
def test_any_slip_of_the_keyboard(folder: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([GOOD, (EXAMPLES / "carrier.yaml").read_text()]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 3))
        extra = data.draw(
            st.one_of(st.text("\t\n :-[]{}'\"#&*!|>%@`?,\\~<x0\r\x85\u2028", max_size=4), st.text(max_size=3))
        )
        text = text[:at] + extra + text[at + gone :]
    loads_or_complains(write_config(folder, text.encode("utf-8", errors="surrogatepass")))


@QUICK
@given(st.binary(max_size=60))
def test_any_bytes(tmp_path: Path, raw: bytes) -> None:
    loads_or_complains(write_config(tmp_path, raw))


@given(st.floats(0, LONGEST, allow_subnormal=False))
def test_a_duration_survives_being_written(seconds: float) -> None:
    assert parse_duration(write_duration(seconds)) == seconds
