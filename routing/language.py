"""What Ringback says by itself in the languages that it ships: texts, waits and times as people say them.

An operator's own text is said as it is written; one that was left as it came, in English, is said in the
site's language. Others than these languages are spoken by the operator's own texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from config.sections.callbacks import CallbackTerms
from config.sections.mailboxes import Mailbox
from config.sections.queues import Queue
from config.sections.recording import RecordingSettings
from config.sections.speech import Lost, ScreeningTexts

#: The language of an espeak-ng voice, and what Ringback has words in.
SHIPPED = ("en", "de", "es", "fr")


def language_of(voice: str) -> str:
    """``de`` for the voice ``de``, ``fr`` for ``fr-be``."""
    return voice.partition("-")[0]


#: The texts that settings have by themselves, each in the other languages.
_TEXTS: Mapping[str, Mapping[str, str]] = {
    ScreeningTexts().text: {
        "de": "Web-Anruf für {site}{from_shopper}. Drücken Sie 1, um ihn anzunehmen, oder 2, um ihn "
        "abzulehnen.",
        "es": "Llamada de la web para {site}{from_shopper}. Pulse 1 para aceptarla o 2 para rechazarla.",
        "fr": "Appel du site web pour {site}{from_shopper}. Appuyez sur 1 pour le prendre, ou sur 2 "
        "pour le refuser.",
    },
    Lost().text: {
        "de": "Die Verbindung ist abgebrochen. Bitte bleiben Sie dran, wir rufen jemand anderen für Sie an.",
        "es": "Se ha perdido la conexión. No cuelgue, por favor: llamamos a otra persona para usted.",
        "fr": "La communication a été coupée. Ne quittez pas, nous appelons quelqu'un d'autre pour vous.",
    },
    Mailbox(label="").text: {
        "de": "Leider kann gerade niemand Ihren Anruf annehmen. Bitte hinterlassen Sie nach dem Ton eine "
        "Nachricht, und drücken Sie am Ende die Rautetaste.",
        "es": "Lo sentimos, nadie puede atender su llamada ahora. Deje un mensaje después de la señal "
        "y pulse "
        "la tecla almohadilla cuando termine.",
        "fr": "Nous sommes désolés, personne ne peut prendre votre appel. Laissez un message après le "
        "signal, "
        "et appuyez sur la touche dièse pour terminer.",
    },
    Mailbox(label="").thanks: {
        "de": "Danke. Ihre Nachricht ist aufgenommen. Auf Wiederhören.",
        "es": "Gracias. Su mensaje ha sido grabado. Adiós.",
        "fr": "Merci. Votre message a été enregistré. Au revoir.",
    },
    CallbackTerms().text: {
        "de": "Rückruf für {site}{from_shopper}. Drücken Sie 1, um ihn anzunehmen, oder 2, um ihn "
        "abzulehnen.",
        "es": "Devolución de llamada para {site}{from_shopper}. Pulse 1 para aceptarla o 2 para rechazarla.",
        "fr": "Rappel pour {site}{from_shopper}. Appuyez sur 1 pour le prendre, ou sur 2 pour le refuser.",
    },
    CallbackTerms().booked_text: {
        "de": "Leider kann gerade niemand Ihren Anruf annehmen. Wir rufen Sie {when} zurück. Auf "
        "Wiederhören.",
        "es": "Lo sentimos, nadie puede atender su llamada ahora. Le devolveremos la llamada {when}. Adiós.",
        "fr": "Nous sommes désolés, personne ne peut prendre votre appel. Nous vous rappellerons "
        "{when}. Au revoir.",
    },
    CallbackTerms().sorry_text: {
        "de": "Leider kann gerade niemand Ihren Anruf annehmen. Bitte versuchen Sie es später noch einmal. "
        "Auf Wiederhören.",
        "es": "Lo sentimos, nadie puede atender su llamada ahora. Inténtelo más tarde. Adiós.",
        "fr": "Nous sommes désolés, personne ne peut prendre votre appel. Veuillez réessayer plus "
        "tard. Au revoir.",
    },
    Queue().announcement: {
        "de": "Sie sind Nummer {position} in der Warteschlange. Die Wartezeit beträgt etwa {minutes}.",
        "es": "Es usted el número {position} en la cola. La espera es de aproximadamente {minutes}.",
        "fr": "Vous êtes numéro {position} dans la file. L'attente est d'environ {minutes}.",
    },
    Queue().offer: {
        "de": "Drücken Sie {key}, um zurückgerufen zu werden, statt zu warten.",
        "es": "Pulse {key} para que le devolvamos la llamada en lugar de esperar.",
        "fr": "Appuyez sur {key} pour être rappelé au lieu d'attendre.",
    },
    RecordingSettings().notice: {
        "de": "Dieses Gespräch wird aufgezeichnet. Wenn Sie das nicht möchten, drücken Sie {key}.",
        "es": "Esta llamada se graba. Si no lo desea, pulse {key}.",
        "fr": "Cet appel est enregistré. Si vous ne le souhaitez pas, appuyez sur {key}.",
    },
    RecordingSettings().declined: {
        "de": "Dieses Gespräch wird nicht aufgezeichnet.",
        "es": "Esta llamada no se graba.",
        "fr": "Cet appel n'est pas enregistré.",
    },
}  # fmt: skip
_FROM = {"en": ", from {}", "de": ", von {}", "es": ", de parte de {}", "fr": ", de la part de {}"}
_MINUTES = {
    "en": ("less than a minute", "1 minute", "{} minutes"),
    "de": ("weniger als eine Minute", "1 Minute", "{} Minuten"),
    "es": ("menos de un minuto", "1 minuto", "{} minutos"),
    "fr": ("moins d'une minute", "1 minute", "{} minutes"),
}


def translated(text: str, language: str) -> str:
    """A text that settings have by themselves, in a language; any other text as it is."""
    return _TEXTS.get(text, {}).get(language, text)


def from_shopper(name: str, language: str) -> str:
    """``, from Ann``."""
    return _FROM.get(language, _FROM["en"]).format(name)


def in_minutes(seconds: float, language: str = "en") -> str:
    """A wait as people say it: rounded up, so that it is rarely longer than promised."""
    minutes = math.ceil(seconds / 60)
    none, one, many = _MINUTES.get(language, _MINUTES["en"])
    return none if minutes < 1 else one if minutes == 1 else many.format(minutes)


# --- when something will be ---------------------------------------------------------------------------

_DAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
_MONTHS = {
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
           "November", "Dezember"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
}  # fmt: skip
_SOON = {"de": "in wenigen Augenblicken", "es": "en un momento", "fr": "dans un instant"}
_ABOUT = {"de": "in etwa {} Minuten", "es": "en unos {} minutos", "fr": "dans environ {} minutes"}
_ZONE = {"de": ", Ortszeit {}", "es": ", hora de {}", "fr": ", heure de {}"}


def soon(language: str) -> str:
    """In a moment."""
    return _SOON[language]


def about(minutes: int, language: str) -> str:
    """In about so many minutes."""
    return _ABOUT[language].format(minutes)


def day_and_time(at: datetime, days_ahead: int, place: str | None, language: str) -> str:
    """A moment by the wall clock, some days ahead; ``place`` names a clock that is not the hearer's."""
    when = _SAY[language](at, days_ahead)
    return when + (_ZONE[language].format(place) if place else "")


def written(at: datetime, place: str, language: str) -> str:
    """A day and a time to be read: ``am Dienstag, 24. November, um 16:30 Uhr (Ortszeit Berlin)``.

    In a language that Ringback does not ship, in English.
    """
    if language not in SHIPPED or language == "en":
        half = "p.m." if at.hour >= 12 else "a.m."
        return f"on {at:%A}, {at:%B} {at.day} at {at.hour % 12 or 12}:{at:%M} {half} ({place} time)"
    day, month = _DAYS[language][at.weekday()], _MONTHS[language][at.month - 1]
    match language:
        case "de":
            return f"am {day}, {at.day}. {month}, um {at:%H:%M} Uhr (Ortszeit {place})"
        case "es":
            return f"el {day} {at.day} de {month} a las {at.hour}:{at:%M} (hora de {place})"
    return f"le {day} {'1er' if at.day == 1 else at.day} {month} à {at.hour} h {at:%M} (heure de {place})"


def short_moment(at: datetime, language: str) -> str:
    """A day and a time where there is little room: ``Fri, Jan 15, 9:30 a.m.``, ``Freitag, 15.1., 9:30``.

    In a language that Ringback does not ship, in English.
    """
    if language not in SHIPPED or language == "en":
        return f"{at:%a}, {at:%b} {at.day}, {clock_words(at, language)}"
    day = _DAYS[language][at.weekday()]
    date = f"{at.day}.{at.month}." if language == "de" else f"{at.day}/{at.month}"
    return f"{day}, {date}, {clock_words(at, language)}"


def clock_words(at: datetime, language: str) -> str:
    """A time of day: ``9:30 a.m.``, ``9:30``, ``9 h 30``."""
    if language not in SHIPPED or language == "en":
        return f"{at.hour % 12 or 12}:{at:%M} {'p.m.' if at.hour >= 12 else 'a.m.'}"
    return f"{at.hour} h {at:%M}" if language == "fr" else f"{at.hour}:{at:%M}"


def _german(at: datetime, ahead: int) -> str:
    day = _DAYS["de"][at.weekday()]
    if ahead <= 1:
        told = "morgen" if ahead else "heute"
    elif ahead < 7:
        told = f"am {day}"
    else:
        told = f"am {day}, dem {at.day}. {_MONTHS['de'][at.month - 1]},"
    return f"{told} um {at.hour} Uhr" + (f" {at.minute}" if at.minute else "")


def _spanish(at: datetime, ahead: int) -> str:
    day = _DAYS["es"][at.weekday()]
    if ahead <= 1:
        told = "mañana" if ahead else "hoy"
    elif ahead < 7:
        told = f"el {day}"
    else:
        told = f"el {day} {at.day} de {_MONTHS['es'][at.month - 1]}"
    if at.minute == 0 and at.hour in (0, 12):
        return f"{told} a {'mediodía' if at.hour else 'medianoche'}"
    hour = at.hour % 12 or 12
    minutes = {0: "", 15: " y cuarto", 30: " y media"}.get(at.minute, f" y {at.minute}")
    part = "mañana" if at.hour < 12 else "tarde" if at.hour < 20 else "noche"
    return f"{told} a la{'s' if hour > 1 else ''} {hour}{minutes} de la {part}"


def _french(at: datetime, ahead: int) -> str:
    day = _DAYS["fr"][at.weekday()]
    if ahead <= 1:
        told = "demain" if ahead else "aujourd'hui"
    elif ahead < 7:
        told = day
    else:
        told = f"le {day} {'1er' if at.day == 1 else at.day} {_MONTHS['fr'][at.month - 1]}"
    minutes = f" {at.minute}" if at.minute else ""
    if at.hour in (0, 12):
        return f"{told} à {'midi' if at.hour else 'minuit'}{minutes}"
    return f"{told} à {at.hour} heure{'s' if at.hour > 1 else ''}{minutes}"


_SAY: Mapping[str, Callable[[datetime, int], str]] = {"de": _german, "es": _spanish, "fr": _french}
