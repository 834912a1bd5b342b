"""Two sides become one file: the shopper on the left, however long each is and whatever a crash has left."""

from __future__ import annotations

import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import talk_files
from media.talk_files import delete, merge
from sip.message_file import HEADER_LENGTH

SAMPLES = st.lists(st.integers(-32768, 32767), max_size=50)


def write(path: Path, samples: list[int], rest: bytes = b"") -> None:
    path.write_bytes(bytes(HEADER_LENGTH) + array("h", samples).tobytes() + rest)


def read(path: Path) -> tuple[list[int], list[int]]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        both = array("h", file.readframes(file.getnframes()))
    return list(both[0::2]), list(both[1::2])


@given(left=SAMPLES, right=SAMPLES, rest=st.sampled_from([b"", b"x"]), piece=st.integers(1, 60))
def test_every_sample_is_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, left: list[int], right: list[int], rest: bytes, piece: int
) -> None:
    folder = tmp_path_factory.mktemp("talk")
    sides = folder / "c.t1.shopper.wav", folder / "c.t1.business.wav"
    write(sides[0], left, rest)
    write(sides[1], right)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(talk_files, "_PIECE", piece)
        seconds = merge(sides, folder / "c.t1.wav")
    longest = max(len(left), len(right))
    assert seconds == longest / 8000
    assert not any(side.exists() for side in sides)
    if longest:
        assert read(folder / "c.t1.wav") == (
            left + [0] * (longest - len(left)),
            right + [0] * (longest - len(right)),
        )
        assert (folder / "c.t1.wav").stat().st_mode & 0o077 == 0
    else:
        assert not (folder / "c.t1.wav").exists()


def test_a_side_may_be_missing_and_again_comes_to_the_same(tmp_path: Path) -> None:
    sides = tmp_path / "c.t1.shopper.wav", tmp_path / "c.t1.business.wav"
    write(sides[1], [1, 2, 3])
    made = tmp_path / "c.t1.wav"
    (tmp_path / "c.t1.part").write_bytes(b"of a process that died")
    assert merge(sides, made) == merge(sides, made) == 3 / 8000
    assert read(made) == ([0, 0, 0], [1, 2, 3])
    assert [each.name for each in tmp_path.iterdir()] == ["c.t1.wav"]


@pytest.mark.parametrize("left", [0, 1])
def test_a_crash_between_the_two_deletions_loses_neither_side(tmp_path: Path, left: int) -> None:
    sides = tmp_path / "c.t1.shopper.wav", tmp_path / "c.t1.business.wav"
    write(sides[0], [1, 2])
    write(sides[1], [3, 4])
    kept = sides[left].read_bytes()
    made = tmp_path / "c.t1.wav"
    merge(sides, made)
    sides[left].write_bytes(kept)
    assert merge(sides, made) == 2 / 8000
    assert read(made) == ([1, 2], [3, 4])
    assert [each.name for each in tmp_path.iterdir()] == ["c.t1.wav"]


def test_deleting_takes_what_was_never_put_together(tmp_path: Path) -> None:
    (tmp_path / "c.t10.wav").write_bytes(b"of another")
    for name in ("c.t1.shopper.wav", "c.t1.business.wav", "c.t1.part", "c.t1.wav"):
        (tmp_path / name).write_bytes(b"x")
    delete(tmp_path / "c.t1.wav")
    delete(tmp_path / "c.t1.wav")
    assert [each.name for each in tmp_path.iterdir()] == ["c.t10.wav"]


def test_a_disk_that_refuses_loses_nothing(tmp_path: Path) -> None:
    sides = tmp_path / "c.t1.shopper.wav", tmp_path / "c.t1.business.wav"
    write(sides[0], [1])
    (tmp_path / "c.t1.wav").mkdir()
    with pytest.raises(OSError, match="directory"):
        merge(sides, tmp_path / "c.t1.wav")
    assert sides[0].exists()
    assert not (tmp_path / "c.t1.part").exists()
