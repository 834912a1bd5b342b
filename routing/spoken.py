"""What people hear of one call: recorded prompts, or words with their placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from unicodedata import normalize
from urllib.parse import urlsplit

from config.models import Config
from config.sections.sites import Site
from routing.headers import PLACEHOLDER, value_of
from routing.language import from_shopper, translated
from routing.plan import ClickToCall, Prompt, Speech, Spoken

#: The longest value that is put into what is said.
LONGEST = 80
#: A part that is said only where its placeholders tell something: `[, a cart of {context.cart.value}]`.
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
#: What no value may bring along: control characters, and what a placeholder or a voice would take for a
#: command.
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f{}<>\[\]]+")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things about one click in its site's voice."""

    click: ClickToCall
    config: Config

    @property
    def site(self) -> Site:
        """The site of the click."""
        return self.config.sites[self.click.site]

    def say(self, text: str, name: str) -> Speech:
        """The text as speech; placeholders that tell nothing of a click stay for the code that knows them.

        A part in [brackets] is left out where one of its placeholders is empty.
        """
        text = translated(text, self.site.tongue)
        words = PLACEHOLDER.sub(self._value, OPTIONAL.sub(self._part, text)) if "{" in text else text
        # Composed: a voice spells the parts of a letter that comes as two characters.
        return Speech(normalize("NFC", words), self.site.spoken_by, name)

    def play_or_say(self, prompt: str | None, text: str, name: str) -> Spoken:
        """The recording where there is one, else the text."""
        return self.play(prompt) or self.say(text, name)

    def play(self, prompt: str | None) -> Prompt | None:
        """The recording of this name."""
        return None if prompt is None else Prompt(prompt, str(self.config.prompts[prompt]))

    def _part(self, found: re.Match[str]) -> str:
        told = all(self._value(placeholder) for placeholder in PLACEHOLDER.finditer(found[1]))
        return found[1] if told else ""

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        passed = value_of(name, self.click)
        if passed is not None:
            return _speakable(passed)
        known = _VALUES.get(name)
        return found[0] if known is None else known(self)


def _from_shopper(speaker: Speaker) -> str:
    name = _speakable(speaker.click.known.get("customer.name", ""))
    return from_shopper(name, speaker.site.tongue) if name else ""


def _page(speaker: Speaker) -> str:
    try:
        return _speakable(urlsplit(speaker.click.page).path)
    except ValueError:
        return ""


def _speakable(value: str) -> str:
    return " ".join(_UNSPEAKABLE.sub(" ", normalize("NFC", value)).split())[:LONGEST]


_VALUES: dict[str, Callable[[Speaker], str]] = {
    "site": lambda speaker: speaker.site.label,
    "page": _page,
    "from_shopper": _from_shopper,
}
