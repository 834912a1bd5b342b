"""What stands on the page of a callback, in the languages that Ringback ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.callback import CallbackState

_S = CallbackState


@dataclass(frozen=True, slots=True)
class PageWords:
    """The page's words; in HTML, with ``{when}`` and ``{number}`` to be filled in."""

    language: str
    #: By state: the title, and what follows.
    states: Mapping[CallbackState, tuple[str, str]]
    #: Asked first: a thumb that slips must cost nobody their call. Without any script, as all of the page.
    cancel: str


def words_in(language: str) -> PageWords:
    """The words of a language; English where Ringback ships none."""
    return _WORDS.get(language, _WORDS["en"])


def _words(
    language: str,
    titles: tuple[str, str, str, str, str],
    ends_in: str,
    soon: str,
    thanks: str,
    not_called: str,
    again: str,
    cancel: tuple[str, str, str],
) -> PageWords:
    booked, dialling, done, cancelled, given_up = titles
    number = f'<p class="soft">{ends_in}</p>\n'
    return PageWords(
        language,
        {
            _S.BOOKED: (booked, '<p class="when">{when}</p>\n' + number),
            _S.DIALLING: (dialling, f"<p>{soon}</p>\n" + number),
            _S.DONE: (done, f"<p>{thanks}</p>\n"),
            _S.CANCELLED: (cancelled, f"<p>{not_called}</p>\n"),
            _S.GIVEN_UP: (given_up, f"<p>{again}</p>\n"),
        },
        f"<details>\n<summary>{cancel[0]}</summary>\n<p>{cancel[1]}</p>\n"
        f'<form method="post"><button type="submit">{cancel[2]}</button></form>\n</details>\n',
    )


_WORDS: Mapping[str, PageWords] = {
    "en": _words(
        "en",
        (
            "We will call you back", "We are calling you back now", "We have called you back",
            "The callback is cancelled", "We could not call you back",
        ),
        "On your number that ends in {number}.",
        "Your phone will ring in a moment.",
        "Thank you for talking with us.",
        "We will not call you back.",
        "We are sorry. If you still wish to talk with us, please ask for another call.",
        (
            "I do not need the call any more",
            "Shall we really not call you? Then your place is given up.",
            "Cancel the callback",
        ),
    ),
    "de": _words(
        "de",
        (
            "Wir rufen Sie zurück", "Wir rufen Sie jetzt zurück", "Wir haben Sie zurückgerufen",
            "Der Rückruf ist abgesagt", "Wir konnten Sie nicht erreichen",
        ),
        "Unter Ihrer Nummer, die auf {number} endet.",
        "Ihr Telefon klingelt gleich.",
        "Danke für das Gespräch.",
        "Wir rufen Sie nicht zurück.",
        "Das tut uns leid. Wenn Sie noch mit uns sprechen möchten, bitten Sie um einen neuen Anruf.",
        (
            "Ich brauche den Anruf nicht mehr",
            "Sollen wir Sie wirklich nicht anrufen? Dann geben Sie Ihren Platz auf.",
            "Rückruf absagen",
        ),
    ),
    "es": _words(
        "es",
        (
            "Le devolveremos la llamada", "Le estamos llamando", "Le hemos devuelto la llamada",
            "La llamada está cancelada", "No hemos podido llamarle",
        ),
        "A su número que termina en {number}.",
        "Su teléfono sonará en un momento.",
        "Gracias por hablar con nosotros.",
        "No le devolveremos la llamada.",
        "Lo sentimos. Si aún desea hablar con nosotros, pida otra llamada.",
        (
            "Ya no necesito la llamada",
            "¿Seguro que no quiere que le llamemos? Perderá su lugar.",
            "Cancelar la llamada",
        ),
    ),
    "fr": _words(
        "fr",
        (
            "Nous vous rappellerons", "Nous vous rappelons maintenant", "Nous vous avons rappelé",
            "Le rappel est annulé", "Nous n'avons pas pu vous rappeler",
        ),
        "À votre numéro qui se termine par {number}.",
        "Votre téléphone va sonner dans un instant.",
        "Merci de nous avoir parlé.",
        "Nous ne vous rappellerons pas.",
        "Nous sommes désolés. Si vous souhaitez toujours nous parler, demandez un autre appel.",
        (
            "Je n'ai plus besoin de cet appel",
            "Ne faut-il vraiment pas vous appeler ? Vous perdrez votre place.",
            "Annuler le rappel",
        ),
    ),
}  # fmt: skip
