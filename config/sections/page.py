"""What a site's pages show by the one line of JavaScript, and what they tell.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import Language, Model
from config.checks.contrast import check_contrast
from config.draft import Draft
from config.marks import Form
from config.problems import Loc

#: How a shopper may get in contact.
ContactWay = Literal["phone", "pc", "chat"]
Colour = Annotated[
    str,
    Field(pattern=r"^#[0-9a-fA-F]{6}$"),
    Form("a colour as # and six hexadecimal digits, such as #2f6db5"),
]
Length = Annotated[
    str, Field(pattern=r"^([0-9]{1,2}(\.[0-9]{1,2})?(px|rem|em)|0)$"), Form("a length, such as 8px or 0.5rem")
]
FontFamily = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9 ,'\"_-]{1,200}$"),
    Form("names of fonts as CSS has them, such as Inter, system-ui, sans-serif"),
]
FactName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,31}\.[a-z][a-z0-9_]{0,31}$"),
    Form("a name of two parts, such as promo.failed"),
]
CssSelector = Annotated[
    str, Field(pattern=r"^[^{}\x00-\x1f]{1,200}$"), Form("a CSS selector, such as .form-error:not(:empty)")
]
#: Languages whose words the widget brings along.
SHIPPED_LANGUAGES = ("en", "de", "es", "fr")


class ButtonSettings(Model):
    """The buttons on the pages. Any element with `data-ringback="phone"`, `pc`, `chat` or `choose` is one,
    too."""

    launcher: Literal["bottom_end", "bottom_start", "none"] = "bottom_end"
    """Where the floating button is; `none`: only elements of the page are buttons."""
    ways: Annotated[tuple[ContactWay, ...], Field(max_length=3)] = ()
    """What shoppers may choose, in this order; without it, the site's `talk_methods`. A way that a rule of
    `engage` shows as a button is hidden until one of these rules holds."""
    when_closed: Literal["callback", "message", "hide"] = "callback"
    """What a button offers while nobody is there: to be called back, to leave a message, or nothing: it is
    hidden."""


class Theme(Model):
    """How the buttons, invitations and the panel look. `ringback check` tells which colours are hard to
    read."""

    accent: Colour = "#1f5fa8"
    """Buttons and what is selected."""
    on_accent: Colour = "#ffffff"
    """Text on `accent`."""
    background: Colour = "#ffffff"
    """Behind everything."""
    surface: Colour = "#f3f5f8"
    """Cards, fields and what others say."""
    text: Colour = "#1b2430"
    """Text."""
    muted: Colour = "#56616e"
    """Text that matters less."""
    border: Colour = "#7a8694"
    """Edges of fields."""
    danger: Colour = "#b3261e"
    """Mistakes, and hanging up."""
    radius: Length = "12px"
    """How round corners are."""
    font: FontFamily = "system-ui, sans-serif"
    """The font."""


class DarkTheme(Theme):
    """The same for shoppers whose system is dark."""

    accent: Colour = "#8ab8f0"
    """Buttons and what is selected."""
    on_accent: Colour = "#0d1f33"
    """Text on `accent`."""
    background: Colour = "#14181d"
    """Behind everything."""
    surface: Colour = "#1f252c"
    """Cards, fields and what others say."""
    text: Colour = "#eef1f5"
    """Text."""
    muted: Colour = "#a9b4c0"
    """Text that matters less."""
    border: Colour = "#76828f"
    """Edges of fields."""
    danger: Colour = "#ff8a80"
    """Mistakes, and hanging up."""


class PageFact(Model):
    """A fact that rules may read besides the built-in ones."""

    type: Literal["text", "number", "truth"] = "number"
    """What it is. The page tells it by `ringback.set` or `ringback.count`, or it is found by `selector`."""
    selector: CssSelector | None = None
    """Elements of the page: a `number` is how many there are, a `text` what the first one says (at most 200
    characters), a `truth` whether there is one."""


class PageSettings(Model):
    """What the site's pages show by the one line of JavaScript, and what they tell."""

    buttons: ButtonSettings = ButtonSettings()
    """The buttons."""
    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ()
    """The languages of the pages; without it, the site's `language`. A shopper gets that of the page's
    `<html lang>`, else that of the browser, else the first one here."""
    consent: Literal["required", "not_needed"] = "required"
    """Whether the page must call `ringback.consent(true)` before anything is remembered in the browser.
    Without consent, rules see this page alone, and nobody takes part in experiments."""
    theme: Theme = Theme()
    """Colours, corners and font."""
    dark_theme: DarkTheme | None = None
    """Those for shoppers whose system is dark; without it, `theme` for everybody."""
    facts: Annotated[dict[FactName, PageFact], Field(max_length=50)] = {}
    """Further facts, by name: `promo.failed: {type: number}`."""
    explain: bool = False
    """Whether `ringback.explain()` tells in the browser's console why an invitation was shown or not.
    Everybody who opens the console then sees the rules: use it for trials."""


def check_page(draft: Draft, loc: Loc, page: PageSettings) -> None:
    """Problems and warnings of a site's page."""
    for key, values in (("languages", page.languages), ("ways", page.buttons.ways)):
        here = (*loc, key) if key == "languages" else (*loc, "buttons", key)
        for index, value in enumerate(values):
            if value in values[:index]:
                draft.doubtful((*here, index), "is here twice: remove one")
    for index, language in enumerate(page.languages):
        if language not in SHIPPED_LANGUAGES:
            draft.doubtful(
                (*loc, "languages", index),
                f"the widget has no words of its own in this language, and speaks English: "
                f"it has {', '.join(SHIPPED_LANGUAGES)}",
            )
    check_contrast(draft, (*loc, "theme"), page.theme)
    if page.dark_theme is not None:
        check_contrast(draft, (*loc, "dark_theme"), page.dark_theme)
