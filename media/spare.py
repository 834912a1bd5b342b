"""Recordings that ship with Ringback and are played when a text cannot be spoken.

They say what texts of their kind say, in a few languages and without details of the call, such as the time of
a callback. That is better than a beep.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from routing.plan import Speech

SPARE = Path(__file__).with_name("spare")
#: Kind of text → language → words. ``python -m media.make_spare`` speaks them into ``media/spare/``.
WORDS: Mapping[str, Mapping[str, str]] = {
    "message_greeting": {
        "en": "We are sorry, nobody can take your call now. Please leave a message after the tone, and press "
        "the hash key when you have finished.",
        "de": "Leider kann gerade niemand Ihren Anruf annehmen. Bitte sprechen Sie nach dem Ton, und drücken "
        "Sie die Rautetaste, wenn Sie fertig sind.",
        "es": "Lo sentimos, nadie puede atender su llamada ahora. Deje un mensaje después de la señal y "
        "pulse la tecla almohadilla cuando termine.",
        "fr": "Nous sommes désolés, personne ne peut prendre votre appel. Laissez un message après le signal "
        "et appuyez sur la touche dièse pour terminer.",
    },
    "message_thanks": {
        "en": "Thank you. Your message has been taken. Goodbye.",
        "de": "Danke. Ihre Nachricht wurde aufgenommen. Auf Wiederhören.",
        "es": "Gracias. Su mensaje ha sido grabado. Adiós.",
        "fr": "Merci. Votre message a été enregistré. Au revoir.",
    },
    "callback_booked": {
        "en": "We are sorry, nobody can take your call now. We will call you back. Goodbye.",
        "de": "Leider kann gerade niemand Ihren Anruf annehmen. Wir rufen Sie zurück. Auf Wiederhören.",
        "es": "Lo sentimos, nadie puede atender su llamada ahora. Le devolveremos la llamada. Adiós.",
        "fr": "Nous sommes désolés, personne ne peut prendre votre appel. Nous vous rappellerons. Au revoir.",
    },
    "sorry": {
        "en": "We are sorry, nobody can take your call now. Please try again later. Goodbye.",
        "de": "Leider kann gerade niemand Ihren Anruf annehmen. Bitte versuchen Sie es später noch einmal. "
        "Auf Wiederhören.",
        "es": "Lo sentimos, nadie puede atender su llamada ahora. Inténtelo más tarde. Adiós.",
        "fr": "Nous sommes désolés, personne ne peut prendre votre appel. Veuillez réessayer plus tard. "
        "Au revoir.",
    },
    "announcement": {
        "en": "All our lines are busy. Please hold the line. You will be connected as soon as "
        "somebody is free.",
        "de": "Alle Leitungen sind besetzt. Bitte bleiben Sie am Apparat. Sie werden verbunden, sobald "
        "jemand frei ist.",
        "es": "Todas las líneas están ocupadas. No cuelgue, por favor. Le atenderemos en cuanto alguien "
        "esté libre.",
        "fr": "Toutes nos lignes sont occupées. Ne quittez pas. Nous vous répondrons dès que quelqu'un sera "
        "libre.",
    },
    "screening": {
        "en": "You have a web call. Press 1 to take the call, or 2 to decline.",
        "de": "Ein Anruf aus dem Web. Drücken Sie 1, um ihn anzunehmen, oder 2, um ihn abzulehnen.",
        "es": "Una llamada de la web. Pulse 1 para aceptarla o 2 para rechazarla.",
        "fr": "Un appel du site web. Appuyez sur 1 pour le prendre, ou sur 2 pour le refuser.",
    },
    "lost": {
        "en": "We lost the connection. Please stay on the line: we are calling somebody else for you.",
        "de": "Die Verbindung ist abgebrochen. Bitte bleiben Sie dran, wir rufen jemand anderen für Sie an.",
        "es": "Se ha perdido la conexión. No cuelgue, por favor: llamamos a otra persona para usted.",
        "fr": "La communication a été coupée. Ne quittez pas, nous appelons quelqu'un d'autre pour vous.",
    },
    "whisper": {
        "en": "You have a web call.",
        "de": "Ein Anruf aus dem Web.",
        "es": "Una llamada de la web.",
        "fr": "Un appel du site web.",
    },
}
#: What ``Speech.name`` ends with → kind. ``callback`` is a booked one whose time was filled in.
_KINDS = {
    "text": "message_greeting",
    "thanks": "message_thanks",
    "booked_text": "callback_booked",
    "callback": "callback_booked",
    "sorry": "sorry",
    "sorry_text": "sorry",
    "announcement": "announcement",
    "screening": "screening",
    "lost": "lost",
    "whisper": "whisper",
}


def spare_for(speech: Speech) -> str | None:
    """The path of the recording that replaces a text; None if there is none of its kind.

    It is in the language of the voice, else in English.
    """
    kind = _KINDS.get(speech.name.rpartition(".")[2])
    if kind is None:
        return None
    language = speech.voice.partition("-")[0]
    return str(file_of(kind, language if language in WORDS[kind] else "en"))


def file_of(kind: str, language: str) -> Path:
    """Where the recording is."""
    return SPARE / language / f"{kind}.wav"
