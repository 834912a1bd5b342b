"""What a shopper's typed answer means: forgiving of how people write, and no guess between two meanings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category, combining, decimal, normalize

#: The longest answer that is looked at; what is longer is cut.
LONGEST_ANSWER = 300
#: So many choices at most are named when a typed answer fits several.
MOST_MEANT = 5
#: Words shorter than this are never taken for a slip of the pen: "Kia" is not "Fia".
_SHORTEST_WITH_SLIP = 4
#: So many letters at least begin a choice that is not typed to its end: "chev" for Chevrolet.
_SHORTEST_BEGINNING = 3
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_NUMBER = re.compile(r"(?<![0-9])['\u2018\u2019`\u00b4]?([0-9]+)(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])\+?\(?[0-9](?:[ ()./\u2010-\u2015-]{0,3}[0-9]){5,18}(?![0-9])")
_EMAIL = re.compile(r"[^\s@<>\",;:()\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Understood:
    """What was meant, as it is kept."""

    value: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing certain; ``meant`` are the few choices that it may have been."""

    meant: tuple[str, ...] = ()


Reading = Understood | Unclear


def tidy(text: str) -> str:
    """The text on one line without what nobody sees, at most :data:`LONGEST_ANSWER` characters."""
    seen = "".join(
        " " if character.isspace() or category(character) in ("Cc", "Zl", "Zp") else character
        for character in normalize("NFC", text[: 4 * LONGEST_ANSWER])
        # Joiners belong to emoji and to scripts; marks of direction belong to nobody's answer.
        if category(character) not in ("Cf", "Cs") or character in "\u200c\u200d"
    )
    return " ".join(seen.split())[:LONGEST_ANSWER].strip()


def read_text(text: str) -> Reading:
    """Any answer that has a letter or a digit."""
    said = tidy(text)
    return Understood(said) if any(character.isalnum() for character in said) else Unclear()


def read_year(text: str, least: int, most: int) -> Reading:
    """A year between ``least`` and ``most``: 2009, '09, "2009 please"; of two digits the latest that fits."""
    numbers = list(dict.fromkeys(_NUMBER.findall(_ascii_digits(tidy(text)))))
    whole = [number for number in numbers if len(number) == 4 and least <= int(number) <= most]
    if len(whole) == 1:
        return Understood(whole[0])
    if whole or len(numbers) != 1 or len(numbers[0]) != 2:
        return Unclear(tuple(whole[:MOST_MEANT]))
    fits = [year for year in range(most, least - 1, -1) if year % 100 == int(numbers[0])]
    return Understood(str(fits[0])) if fits else Unclear()


def read_choice(text: str, choices: Sequence[str]) -> Reading:
    """One of the choices: as written, by its number, in a sentence, by its beginning, or with one slip."""
    said = tidy(text)
    folded = fold(said)
    if not folded:
        return Unclear()
    by_name: dict[str, str] = {}
    for choice in choices:
        by_name.setdefault(fold(choice), choice)
    if exact := next((choice for choice in choices if choice.casefold() == said.casefold()), None):
        return Understood(exact)
    if folded in by_name:
        return Understood(by_name[folded])
    # F150 and F-150, landrover and Land Rover.
    squeezed = [name for name in by_name if name.replace(" ", "") == folded.replace(" ", "")]
    if len(squeezed) == 1:
        return Understood(by_name[squeezed[0]])
    number = _ascii_digits(folded)
    if number.isdecimal() and not any(name.isdecimal() for name in by_name):
        return Understood(choices[int(number) - 1]) if 0 < int(number[:6]) <= len(choices) else Unclear()
    for found in (_named(folded, by_name), _begun(folded, by_name), _slipped(folded, by_name)):
        if len(found) == 1:
            return Understood(by_name[found[0]])
        if found:
            return Unclear(tuple(by_name[name] for name in found[:MOST_MEANT]))
    return Unclear()


def read_email(text: str) -> Reading:
    """The one e-mail address in the text; its domain becomes small letters."""
    found = list(dict.fromkeys(address.strip(".") for address in _EMAIL.findall(tidy(text))))
    if len(found) != 1:
        return Unclear()
    local, _, domain = found[0].rpartition("@")
    if not local.isascii() or not local.isprintable() or local.startswith(".") or ".." in local:
        return Unclear()
    return Understood(f"{local}@{domain.lower()}") if _DOMAIN.fullmatch(domain) else Unclear()


def number_in(text: str) -> str:
    """The one part of the text that looks like a phone number; empty for none, or several."""
    found = _PHONE.findall(_ascii_digits(tidy(text)))
    return str(found[0]) if len(found) == 1 else ""


def fold(text: str) -> str:
    """The words without accents, case and punctuation, one blank between two."""
    plain = "".join(sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))
    return " ".join(_WORD.findall(plain.replace("&", " and ")))


def within_one_slip(one: str, other: str) -> bool:
    """Whether one letter too many, missing, wrong, or changed with its neighbour makes one of the other."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    if len(one) == len(other):
        swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
        return swapped or one[at + 1 :] == other[at + 1 :]
    shorter, longer = sorted((one, other), key=len)
    return shorter[at:] == longer[at + 1 :]


def _ascii_digits(text: str) -> str:
    values = ((character, decimal(character, None)) for character in text)
    return "".join(character if value is None else str(value) for character, value in values)


def _named(folded: str, names: Iterable[str]) -> list[str]:
    """The choices that stand in the sentence as whole words; of one within another the longer."""
    padded = f" {folded} "
    inside = [name for name in names if name and f" {name} " in padded]
    return _longest(inside)


def _longest(names: Sequence[str]) -> list[str]:
    """The names without those that are a part of another one: "Rover" of "Land Rover"."""
    return [
        name for name in names if not any(name != other and f" {name} " in f" {other} " for other in names)
    ]


def _begun(folded: str, names: Iterable[str]) -> list[str]:
    """The choices that the answer is the beginning of."""
    if len(folded) < _SHORTEST_BEGINNING:
        return []
    return [name for name in names if name.startswith(folded)]


def _slipped(folded: str, names: Iterable[str]) -> list[str]:
    """The choices that are one slip away from the answer, or from as many words within it."""
    words = folded.split()
    found = []
    for name in names:
        if len(name) < _SHORTEST_WITH_SLIP or any(character.isdecimal() for character in name):
            continue  # one digit more or less is another model, not a slip
        if any(within_one_slip(part, name) for part in _parts(words, name.count(" ") + 1)):
            found.append(name)
    return _longest(found)


def _parts(words: Sequence[str], length: int) -> Iterator[str]:
    """Each run of so many words, one fewer and one more: a blank may be the slip."""
    for size in (length - 1, length, length + 1):
        if size > 0:
            yield from (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
