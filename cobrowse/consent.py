"""The words that a shopper agrees to before an agent sees their page; what was agreed is kept with its version."""

# Lines that shoppers read stand here whole.
# ruff: noqa: E501, RUF001

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from config.sections.cobrowse import SCOPES, Cobrowse, Scope

#: The version of the words below. Raise it with every change of what they mean.
WORDS_VERSION = 1
_ENGLISH: dict[Scope, str] = {
    "see": "{agent} may see this page of {site} while you use it. Passwords, payment details and what you type stay hidden.",
    "point": "{agent} may point at things on this page and scroll to them.",
    "fill": "{agent} may fill in fields and click on this page for you. Payment fields and passwords stay yours.",
}
WORDS: dict[str, dict[Scope, str]] = {
    "en": _ENGLISH,
    "de": {
        "see": "{agent} darf diese Seite von {site} sehen, während Sie sie benutzen. Passwörter, Zahlungsdaten und was Sie eingeben bleiben verborgen.",
        "point": "{agent} darf auf dieser Seite auf etwas zeigen und dorthin scrollen.",
        "fill": "{agent} darf auf dieser Seite für Sie Felder ausfüllen und klicken. Zahlungsfelder und Passwörter bleiben Ihnen überlassen.",
    },
    "es": {
        "see": "{agent} puede ver esta página de {site} mientras usted la usa. Las contraseñas, los datos de pago y lo que usted escribe permanecen ocultos.",
        "point": "{agent} puede señalar elementos de esta página y desplazarse hasta ellos.",
        "fill": "{agent} puede rellenar campos y hacer clic en esta página por usted. Los campos de pago y las contraseñas quedan en sus manos.",
    },
    "fr": {
        "see": "{agent} peut voir cette page de {site} pendant que vous l’utilisez. Les mots de passe, les données de paiement et ce que vous saisissez restent masqués.",
        "point": "{agent} peut montrer des éléments de cette page et la faire défiler jusqu’à eux.",
        "fill": "{agent} peut remplir des champs et cliquer sur cette page pour vous. Les champs de paiement et les mots de passe restent les vôtres.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsentWords:
    """What one shopper is asked, as it is kept."""

    #: Such as ``1-de-3f9a1c``: the words, their language, and what the site adds to them.
    version: str
    language: str
    #: By scope, in the order of the question.
    words: dict[Scope, str]
    #: What the site adds below the question.
    note: str = ""


def consent_words(
    scopes: Collection[Scope], agent: str, site: str, language: str, settings: Cobrowse
) -> ConsentWords:
    """The question for these scopes, with the names of agent and shop; in English where there are no others."""
    spoken = language if language in WORDS else "en"
    note = settings.consent_text.get(language) or settings.consent_text.get(spoken, "")
    words = {
        scope: WORDS[spoken][scope].format(agent=agent, site=site) for scope in SCOPES if scope in scopes
    }
    version = f"{WORDS_VERSION}-{spoken}"
    if note:
        version += f"-{sha256(note.encode()).hexdigest()[:8]}"
    return ConsentWords(version, spoken, words, note)
