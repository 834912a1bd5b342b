"""The words of a question, as they are looked for: what says nothing left out, endings cut off."""

from __future__ import annotations

import re
import unicodedata

#: Words of a question that are looked for, at most.
MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+")
#: Words by which no answer is told from another. Without accents, as :func:`plain` leaves them.
_SAY_NOTHING = {
    "en": "a an and any are at be by can could did do does for from get give have hello hi how i if in is "
    "it its let many me much my no not of on or our please shall should so some tell than that the "
    "their them then there these they this to us want was we were what when where which who why will "
    "with would you your",
    "de": "aber als am an auch auf aus bei bin bis bitte da das dass dein dem den der des die dies diese "
    "doch du ein eine einem einen einer er es etwas fur gibt habe haben hallo hat ich ihr ihre im in "
    "ist ja kann kannst man mein meine meinem meinen meiner mich mir mit muss nach nicht noch nur "
    "oder sein sich sie sind so uber um und uns unser von vor wann warum was welche wenn wer werden "
    "wie wieviel will wir wird wo zu zum zur",
    "es": "a al algo como con cual cuando cuanto cuantos de del desde donde el ella en es esta estan este "
    "esto favor hay hola la las le lo los me mi mis muy no nos o para pero por puede puedo que quiero "
    "se ser si sin son su sus tengo tiene tu un una unos y ya yo",
    "fr": "a ai au aux avec bonjour ce ces cet cette combien comment dans de des du elle en est et etre "
    "faire fait il ils j je l la le les leur m ma mes mon n ne nos notre nous on ou par pas peut peux "
    "plait plus pour puis qu quand que quel quelle quels qui quoi s sa se ses si son sont sur t tu un "
    "une vos votre vous y",
}
SAY_NOTHING = {language: frozenset(words.split()) for language, words in _SAY_NOTHING.items()}
#: Endings of languages for which the search knows no stems; the longest first.
_ENDINGS = ("en", "er", "es", "e", "n", "s", "x")
_SHORTEST_STEM = 4


def plain(text: str) -> str:
    """The text in small letters without accents; ``ß`` becomes ``ss``."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words_of(text: str, language: str) -> tuple[str, ...]:
    """The words that are looked for, each once; none where none of them says anything."""
    silent = SAY_NOTHING.get(language, frozenset())
    return tuple(dict.fromkeys(word for word in _WORD.findall(plain(text)) if word not in silent))[
        :MOST_WORDS
    ]


def stem(word: str, language: str) -> str:
    """What a word begins with, so that its plural and its other cases are found as well.

    English has Porter's stems in the index itself.
    """
    if language == "en":
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
