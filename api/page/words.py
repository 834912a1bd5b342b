"""What the loader itself shows, on its launcher and on the buttons of an invitation, in several languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: ``open`` and ``later`` are on the launcher, while somebody is there and while nobody is. ``phone``, ``pc``
#: and ``chat`` accept an invitation, ``decline`` declines it.
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "open": "Talk to us", "later": "Contact us",
        "phone": "Call me", "pc": "Talk now", "chat": "Chat now", "decline": "No, thanks",
    },
    "de": {
        "open": "Sprechen Sie mit uns", "later": "Kontakt",
        "phone": "Rufen Sie mich an", "pc": "Jetzt sprechen",
        "chat": "Jetzt chatten", "decline": "Nein, danke",
    },
    "es": {
        "open": "Hable con nosotros", "later": "Contacto",
        "phone": "Llámenme", "pc": "Hablar ahora", "chat": "Chatear ahora", "decline": "No, gracias",
    },
    "fr": {
        "open": "Parlez-nous", "later": "Nous contacter",
        "phone": "Appelez-moi", "pc": "Parler maintenant",
        "chat": "Discuter maintenant", "decline": "Non, merci",
    },
}  # fmt: skip


def words_of(language: str, languages: Sequence[str]) -> Mapping[str, str]:
    """The words for a shopper's ``language`` (such as ``de-AT``), if it is one of the site's ``languages``.

    Otherwise those of the site's first language; English where Ringback does not speak that.
    """
    offered = [each.partition("-")[0].lower() for each in languages]
    wanted = language.partition("-")[0].lower()
    return WORDS.get(wanted if wanted in offered else offered[0], WORDS["en"])
