"""What is kept of the questions that shoppers ask: nothing that could be about one of them."""

from __future__ import annotations

import hashlib
import re
import unicodedata

#: Different visitors who must have asked a question before its words are kept, and reported.
ENOUGH_ASKERS = 3
SHORTEST, LONGEST = 3, 120
_GAPS = re.compile(r"\s+")
_EDGES = " ?!.,;:…¿¡\"'"


def kept_question(text: str) -> str | None:
    """A question as it is counted: small letters, one space between words; None for what is not kept.

    Not kept is what has a digit of any script or an ``@``: an order's number, a phone number, an address. So
    is what is too short to be a question, or long enough to be a letter.
    """
    if any(unicodedata.category(letter)[0] in "NC" and letter not in "\t\n\r" for letter in text):
        return None
    question = _GAPS.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip(_EDGES)
    if "@" in question or "://" in question or not SHORTEST <= len(question) <= LONGEST:
        return None
    return question


def digest_of(site: str, language: str, question: str) -> str:
    """What stands for a question on disk until enough visitors have asked it."""
    return hashlib.sha256(f"{site}\0{language}\0{question}".encode()).hexdigest()[:32]


def asker_code(digest: str, asker: str) -> str:
    """Who asked a question, told from others who asked it, and from nobody else: 16 bits of a hash.

    Two visitors in 65,536 look like one: a question is then reported a little later. What is kept says
    nothing of who they are: thousands of others would have the same code.
    """
    return hashlib.sha256(f"{digest}\0{asker}".encode()).hexdigest()[:4]
