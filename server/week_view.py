"""A week of decisions as lines for a terminal, and as a drawing (SVG)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from rich.text import Text

from routing.week import SLOT, Slot

_LETTERS = ascii_lowercase + ascii_uppercase
#: For the times at which nobody can be rung.
_NOBODY = "·:-="
_COLOURS = (
    "green", "cyan", "yellow", "magenta", "blue", "red", "bright_green", "bright_cyan", "bright_yellow",
    "bright_magenta", "bright_blue", "bright_red",
)  # fmt: skip
#: Fills of the drawing, told apart by colour-blind people too (Okabe and Ito).
_FILLS = ("#009e73", "#56b4e9", "#e69f00", "#cc79a7", "#0072b2", "#d55e00", "#f0e442", "#999999")
_NOBODY_FILL = "#eeeeee"
#: In the drawing: a day's width, an hour's height, and where the table begins.
_WIDE, _HIGH, _LEFT, _TOP = 110, 22, 50, 60
_HOURS_A_SLOT = SLOT.total_seconds() / 3600


class _HalfHour(NamedTuple):
    """Who rings, in their order, the route that says so (none where nobody rings), and what comes after."""

    route: str
    order: tuple[str, ...]
    queue: str | None
    ending: str


def week_lines(slots: Sequence[Slot], labels: Mapping[str, str]) -> Iterator[Text]:
    """A line a day with a letter each half hour, and what the letters stand for."""
    letters = _letters(slots)
    yield Text("          " + "".join(f"{hour:<4}" for hour in range(0, 24, 2)), style="bold")
    for day, of_day in _days(slots).items():
        line = Text(f"{day:%a %d %b} ", style="bold")
        by_half = {(slot.begins.hour, slot.begins.minute // 30): slot for slot in reversed(of_day)}
        for half in range(48):
            slot = by_half.get(divmod(half, 2))
            letter = letters[_answer(slot)] if slot else " "
            style = "dim" if letter in _NOBODY else _COLOURS[_LETTERS.find(letter) % len(_COLOURS)]
            line.append(letter, style="not bold " + style)
        yield line
    yield Text("")
    for answer, letter in letters.items():
        yield Text(f"{letter}  {_told(answer, labels)}")


def week_svg(slots: Sequence[Slot], labels: Mapping[str, str], site: str) -> str:
    """The week as a table of days and hours."""
    letters, days = _letters(slots), _days(slots)
    fills = {answer: _fill(letter) for answer, letter in letters.items()}
    height = _TOP + 24 * _HIGH + 30 + 20 * len(letters)
    width = _LEFT + 7 * _WIDE + 20
    first = next(iter(days))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f"<title>Who answers {escape(site)}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="16">{escape(site)}, week of {first:%d %B %Y}</text>',
    ]
    for column, (day, of_day) in enumerate(days.items()):
        x = _LEFT + column * _WIDE
        parts.append(f'<text x="{x + 4}" y="{_TOP - 8}">{day:%a %d %b}</text>')
        parts += [_block(x, run, fills, letters, labels) for run in _runs(of_day)]
    for hour in range(0, 25, 2):
        y = _TOP + hour * _HIGH
        parts.append(f'<text x="8" y="{y + 4}">{hour:02}:00</text>')
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + 7 * _WIDE}" y1="{y}" y2="{y}" stroke="#cccccc"/>')
    for row, (answer, letter) in enumerate(letters.items()):
        y = _TOP + 24 * _HIGH + 30 + 20 * row
        parts.append(f'<rect x="{_LEFT}" y="{y - 11}" width="14" height="14" fill="{fills[answer]}"/>')
        parts.append(f'<text x="{_LEFT + 22}" y="{y}">{letter}  {escape(_told(answer, labels))}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _block(
    x: int,
    run: Sequence[Slot],
    fills: Mapping[_HalfHour, str],
    letters: Mapping[_HalfHour, str],
    labels: Mapping[str, str],
) -> str:
    """A stretch of a day with one answer."""
    answer = _answer(run[0])
    begins = run[0].begins.hour + run[0].begins.minute / 60
    y, height = _TOP + begins * _HIGH, len(run) * _HOURS_A_SLOT * _HIGH
    return (
        f"<g><title>{run[0].begins:%a %H:%M}: {escape(_told(answer, labels))}</title>"
        f'<rect x="{x}" y="{y:g}" width="{_WIDE - 4}" height="{height:g}" fill="{fills[answer]}"/>'
        f'<text x="{x + 6}" y="{y + 14:g}">{letters[answer]}</text></g>'
    )


def _answer(slot: Slot) -> _HalfHour:
    return _HalfHour(slot.route if slot.order else "", slot.order, slot.queue, slot.ending)


def _letters(slots: Sequence[Slot]) -> dict[_HalfHour, str]:
    """A letter for each answer that the week has, in the order of their first hours."""
    found: dict[_HalfHour, str] = {}
    for slot in slots:
        answer = _answer(slot)
        if answer not in found:
            letters = _LETTERS if answer.order else _NOBODY
            used = sum(1 for each in found if bool(each.order) is bool(answer.order))
            found[answer] = letters[used % len(letters)]
    return found


def _fill(letter: str) -> str:
    return _NOBODY_FILL if letter in _NOBODY else _FILLS[_LETTERS.index(letter) % len(_FILLS)]


def _told(answer: _HalfHour, labels: Mapping[str, str]) -> str:
    names = ", then ".join(labels.get(name, name) for name in answer.order)
    queue = f", queue {answer.queue}" if answer.queue else ""
    rings = f"{names} (route {answer.route}{queue})" if answer.order else "nobody"
    return f"{rings}, else {answer.ending}"


def _days(slots: Sequence[Slot]) -> dict[date, list[Slot]]:
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(slot.begins.date(), []).append(slot)
    return days


def _runs(slots: Sequence[Slot]) -> Iterator[list[Slot]]:
    """Neighbouring slots with the same answer and clock; a repeated hour begins a run of its own."""
    run: list[Slot] = []
    for slot in slots:
        if run and (_answer(slot) != _answer(run[0]) or slot.begins.utcoffset() != run[0].begins.utcoffset()):
            yield run
            run = []
        run.append(slot)
    if run:
        yield run
