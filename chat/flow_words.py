"""What flows say by themselves, and the words by which shoppers skip, go back and ask for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from chat.understanding import fold
from config.sections.flows import FlowWay, QuestionKind

Typed = Literal["skip", "back", "person", "yes", "no"]

#: The words of a language that has none here.
_DEFAULT = "en"

_UNCLEAR: Mapping[str, Mapping[QuestionKind, str]] = {
    "en": {
        "year": "Please type a year, such as 2009.",
        "choice": "I did not find that. Please choose one, or type it again.",
        "text": "Please type a few words.",
        "postal_code": "I do not know this postal code. Please check it.",
        "phone": "We cannot call this number. Please check it, with its area code.",
        "email": "This is not an e-mail address. Please check it.",
    },
    "de": {
        "year": "Bitte geben Sie ein Jahr ein, zum Beispiel 2009.",
        "choice": "Das habe ich nicht gefunden. Bitte wählen Sie aus, oder schreiben Sie es noch einmal.",
        "text": "Bitte schreiben Sie ein paar Worte.",
        "postal_code": "Diese Postleitzahl kenne ich nicht. Bitte prüfen Sie sie.",
        "phone": "Diese Nummer können wir nicht anrufen. Bitte prüfen Sie sie, mit der Vorwahl.",
        "email": "Das ist keine E-Mail-Adresse. Bitte prüfen Sie sie.",
    },
    "es": {
        "year": "Escriba un año, por ejemplo 2009.",
        "choice": "No lo he encontrado. Elija una opción o escríbalo de nuevo.",
        "text": "Escriba unas palabras.",
        "postal_code": "No conozco este código postal. Compruébelo, por favor.",
        "phone": "No podemos llamar a este número. Compruébelo, con su prefijo.",
        "email": "No es una dirección de correo. Compruébela, por favor.",
    },
    "fr": {
        "year": "Indiquez une année, par exemple 2009.",
        "choice": "Je n'ai pas trouvé. Choisissez dans la liste ou écrivez-le de nouveau.",
        "text": "Écrivez quelques mots.",
        "postal_code": "Je ne connais pas ce code postal. Vérifiez-le, s'il vous plaît.",
        "phone": "Nous ne pouvons pas appeler ce numéro. Vérifiez-le, avec son indicatif.",
        "email": "Ce n'est pas une adresse e-mail. Vérifiez-la, s'il vous plaît.",
    },
}
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "meant": "Did you mean {}?",
        "or": " or ",
        "stuck": "You can skip this question, or talk to a person.",
        "needed": "I need this to go on. You can also talk to a person.",
        "number": "Which number shall we call?",
        "consent": "By giving your number you agree that we call you about your request.",
        "message": "What may we tell them?",
        "email": "Which e-mail address may we answer to?",
        "choose": "Please choose one of these.",
        "none": "Sorry, nothing else can be had just now.",
        "label_number": "Phone",
        "label_message": "Message",
        "label_email": "E-mail",
    },
    "de": {
        "meant": "Meinen Sie {}?",
        "or": " oder ",
        "stuck": "Sie können diese Frage überspringen oder mit einem Menschen sprechen.",
        "needed": "Das brauche ich, um weiterzumachen. Sie können auch mit einem Menschen sprechen.",
        "number": "Unter welcher Nummer sollen wir Sie anrufen?",
        "consent": "Mit Ihrer Nummer erlauben Sie uns, Sie zu Ihrer Anfrage anzurufen.",
        "message": "Was dürfen wir ausrichten?",
        "email": "An welche E-Mail-Adresse dürfen wir antworten?",
        "choose": "Bitte wählen Sie etwas davon aus.",
        "none": "Leider gibt es gerade nichts anderes.",
        "label_number": "Telefon",
        "label_message": "Nachricht",
        "label_email": "E-Mail",
    },
    "es": {
        "meant": "¿Quiere decir {}?",
        "or": " o ",
        "stuck": "Puede saltarse esta pregunta o hablar con una persona.",
        "needed": "Lo necesito para continuar. También puede hablar con una persona.",
        "number": "¿A qué número le llamamos?",
        "consent": "Al dar su número acepta que le llamemos por su consulta.",
        "message": "¿Qué podemos decirles?",
        "email": "¿A qué correo podemos responderle?",
        "choose": "Elija una de estas opciones.",
        "none": "Lo sentimos, ahora no hay otra opción.",
        "label_number": "Teléfono",
        "label_message": "Mensaje",
        "label_email": "Correo",
    },
    "fr": {
        "meant": "Voulez-vous dire {} ?",
        "or": " ou ",
        "stuck": "Vous pouvez passer cette question ou parler à quelqu'un.",
        "needed": "J'en ai besoin pour continuer. Vous pouvez aussi parler à quelqu'un.",
        "number": "À quel numéro pouvons-nous vous appeler ?",
        "consent": "En donnant votre numéro, vous acceptez que nous vous appelions pour votre demande.",
        "message": "Que pouvons-nous leur dire ?",
        "email": "À quelle adresse e-mail pouvons-nous répondre ?",
        "choose": "Choisissez parmi ces possibilités.",
        "none": "Désolé, rien d'autre n'est possible en ce moment.",
        "label_number": "Téléphone",
        "label_message": "Message",
        "label_email": "E-mail",
    },
}
_WAYS: Mapping[str, Mapping[FlowWay, str]] = {
    "en": {
        "call": "Call me",
        "pc": "Talk in the browser",
        "chat": "Chat with a person",
        "callback": "Call me back",
        "message": "Leave a message",
        "later": "Not now",
    },
    "de": {
        "call": "Rufen Sie mich an",
        "pc": "Im Browser sprechen",
        "chat": "Mit einem Menschen schreiben",
        "callback": "Rufen Sie mich zurück",
        "message": "Nachricht hinterlassen",
        "later": "Jetzt nicht",
    },
    "es": {
        "call": "Llámenme",
        "pc": "Hablar en el navegador",
        "chat": "Chatear con una persona",
        "callback": "Devuélvanme la llamada",
        "message": "Dejar un mensaje",
        "later": "Ahora no",
    },
    "fr": {
        "call": "Appelez-moi",
        "pc": "Parler dans le navigateur",
        "chat": "Écrire à quelqu'un",
        "callback": "Rappelez-moi",
        "message": "Laisser un message",
        "later": "Pas maintenant",
    },
}


def _forms(*texts: str) -> frozenset[str]:
    return frozenset(form for text in texts for form in text.split("|"))


#: What shoppers type, as :func:`chat.understanding.fold` writes it: in English, German, Spanish and French.
_TYPED: Mapping[Typed, frozenset[str]] = {
    "skip": _forms(
        "skip|skip it|skip this|i don't know|don't know|dont know|i dont know|no idea|not sure",
        "uberspringen|weiss nicht|weiss ich nicht|ich weiss nicht|keine ahnung",
        "saltar|no se|no lo se",
        "passer|je ne sais pas|aucune idee",
    ),
    "back": _forms("back|go back", "zuruck", "atras|volver", "retour"),
    "person": _forms(
        "person|a person|human|a human|agent|an agent|operator|representative|real person",
        "talk to a person|speak to a person|talk to someone",
        "mensch|mitarbeiter|mit einem menschen sprechen",
        "persona|agente|una persona|hablar con una persona",
        "personne|conseiller|une personne|parler a quelqu'un",
    ),
    "yes": _forms(
        "yes|yes please|y|yeah|yep|ok|okay|sure|please|please do",
        "ja|ja bitte|gerne|bitte",
        "si|si por favor|vale|claro",
        "oui|oui s'il vous plait|d'accord",
    ),
    "no": _forms("no|no thanks|no thank you|nope|not now", "nein|nein danke", "no gracias", "non|non merci"),
}


def unclear(language: str, kind: QuestionKind) -> str:
    """What is said to an answer that was not understood."""
    return _UNCLEAR.get(language, _UNCLEAR[_DEFAULT])[kind]


def words(language: str, name: str) -> str:
    """One of Ringback's own texts."""
    return _TEXTS.get(language, _TEXTS[_DEFAULT])[name]


def way_label(language: str, way: FlowWay) -> str:
    """What stands on the button of a way."""
    return _WAYS.get(language, _WAYS[_DEFAULT])[way]


def typed(text: str) -> Typed | None:
    """What the shopper means who types a word such as "skip", in any of the languages."""
    folded = fold(text.replace("\u2019", "'"))
    return next((meaning for meaning, forms in _TYPED.items() if folded in forms), None)
