"""What shoppers read behind the link in the mail that acknowledged their message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeadWords:
    """The page's words, as plain text; ``{by}`` is when an answer is promised."""

    language: str
    waits: str
    promised: str
    answered: str
    #: Asked first, then the button: a thumb that slips must cost nobody their answer.
    not_needed: str
    sure: str
    cancel: str
    cancelled: str
    cancelled_body: str
    #: In place of it where the lead may be others' as well.
    noted: str
    noted_body: str
    over: str
    over_body: str
    #: A time that the shopper chose, or may choose.
    called: str
    a_time: str
    other_time: str
    time: str
    choose: str
    time_gone: str
    unknown: str
    unknown_body: str


def lead_words(language: str) -> LeadWords:
    """The words of a language; English where Ringback ships none."""
    return WORDS.get(language, WORDS["en"])


WORDS: Mapping[str, LeadWords] = {
    each.language: each
    for each in (
        LeadWords(
            "en",
            "We will answer you",
            "By {by}.",
            "Somebody of us has answered you already.",
            "I need nothing any more",
            "Shall we really not answer you?",
            "Do not answer me",
            "We will not answer you",
            "You can get in contact again at any time.",
            "Thank you, we have noted it",
            "Somebody else may wait for our answer at the same number or address, so a person looks at it.",
            "This is done",
            "Thank you. If there is anything else, please get in contact again.",
            "We will call you",
            "Choose a time for a call",
            "Choose another time",
            "When",
            "Call me then",
            "This time is not free any more. Please choose another one.",
            "Nothing here",
            "This link opens nothing, or nothing any more. Please check that you have opened all of it.",
        ),
        LeadWords(
            "de",
            "Wir antworten Ihnen",
            "Bis {by}.",
            "Jemand von uns hat Ihnen schon geantwortet.",
            "Ich brauche nichts mehr",
            "Sollen wir Ihnen wirklich nicht antworten?",
            "Nicht antworten",
            "Wir antworten Ihnen nicht",
            "Sie können sich jederzeit wieder melden.",
            "Danke, das ist notiert",
            "Vielleicht wartet dort noch jemand anderes auf unsere Antwort. Deshalb sehen wir es uns an.",
            "Das ist erledigt",
            "Vielen Dank. Wenn Sie noch etwas brauchen, melden Sie sich bitte wieder.",
            "Wir rufen Sie an",
            "Eine Zeit für einen Anruf wählen",
            "Eine andere Zeit wählen",
            "Wann",
            "Dann anrufen",
            "Diese Zeit ist nicht mehr frei. Bitte wählen Sie eine andere.",
            "Hier ist nichts",
            "Dieser Link öffnet nichts, oder nichts mehr. Bitte prüfen Sie, ob Sie ihn ganz geöffnet haben.",
        ),
        LeadWords(
            "es",
            "Le responderemos",
            "Antes de: {by}.",
            "Alguien de nosotros ya le ha respondido.",
            "Ya no necesito nada",
            "¿De verdad no quiere que le respondamos?",
            "No me respondan",
            "No le responderemos",
            "Puede volver a escribirnos o llamarnos cuando quiera.",
            "Gracias, lo hemos anotado",
            "Quizá allí espere otra persona nuestra respuesta, así que alguien lo revisará.",
            "Esto ya está resuelto",
            "Gracias. Si necesita algo más, póngase en contacto de nuevo.",
            "Le llamaremos",
            "Elegir una hora para la llamada",
            "Elegir otra hora",
            "Cuándo",
            "Llámenme entonces",
            "Esa hora ya no está libre. Elija otra, por favor.",
            "Aquí no hay nada",
            "Este enlace no abre nada, o ya no. Compruebe que lo ha abierto entero.",
        ),
        LeadWords(
            "fr",
            "Nous vous répondrons",
            "Au plus tard le {by}.",
            "L'un de nous vous a déjà répondu.",
            "Je n'ai plus besoin de rien",
            "Faut-il vraiment ne pas vous répondre ?",
            "Ne pas me répondre",
            "Nous ne vous répondrons pas",
            "Vous pouvez nous contacter de nouveau à tout moment.",
            "Merci, c'est noté",
            "Quelqu'un d'autre attend peut-être notre réponse au même endroit : nous allons vérifier.",
            "C'est terminé",
            "Merci. S'il vous faut autre chose, contactez-nous de nouveau.",
            "Nous vous appellerons",
            "Choisir une heure d'appel",
            "Choisir une autre heure",
            "Quand",
            "Appelez-moi alors",
            "Cette heure n'est plus libre. Choisissez-en une autre.",
            "Il n'y a rien ici",
            "Ce lien n'ouvre rien, ou plus rien. Vérifiez que vous l'avez ouvert en entier.",
        ),
    )
}
