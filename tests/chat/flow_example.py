"""A flow and a world for tests: the Radiator's questions, without a router."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.flow import EMAIL, MESSAGE, NUMBER, GuidedFlow, GuidedQuestion, PreparedEnding
from chat.flow_words import words
from chat.masking import mask
from config.sections.flows import FlowWay
from expressions.conditions import Condition, compile_condition
from expressions.facts import Facts
from expressions.type_check import TypeCheck
from expressions.vocabulary import Type, Vocabulary

ALL: frozenset[FlowWay] = frozenset({"call", "pc", "chat", "callback", "message", "later"})
_NAMES = Vocabulary({"nearest": {"open": Type.TRUTH}, "vehicle": {"year": Type.WHOLE}})
MODELS = {("ford",): ("Focus", "F-150"), ("honda",): ("Civic", "Focus"), ("kia",): ()}
ENGINES = {("ford", "focus"): ("2.0",), ("ford", "f-150"): ("3.5", "5.0"), ("honda", "civic"): ("1.8", "2.0")}


def condition(text: str) -> Condition:
    return compile_condition(text, TypeCheck(_NAMES), "then[0]")


NEAR = condition("nearest.open && vehicle.year > 1980")


def flow(version: str = "1", **changed: object) -> GuidedFlow:
    number = GuidedQuestion(
        NUMBER, "Which number?", "Phone", "phone", skip_if_known=False, consent="We may call you."
    )
    message = GuidedQuestion(MESSAGE, "What may we tell them?", "Message", "text", skip_if_known=False)
    email = GuidedQuestion(EMAIL, "Which address?", "E-mail", "email", skip_if_known=False)
    parts = {
        "name": "radiator",
        "version": version,
        "language": "en",
        "say": "Hi from {site}!",
        "questions": (
            GuidedQuestion("vehicle.year", "Year?", "Year", "year", between=(1960, 2027)),
            GuidedQuestion("vehicle.make", "Make?", "Make", "choice", choices={(): ("Ford", "Honda", "Kia")}),
            GuidedQuestion(
                "vehicle.model", "Model?", "Model", "choice", depends_on=("vehicle.make",), choices=MODELS
            ),
            GuidedQuestion(
                "vehicle.engine",
                "Engine?",
                "Engine",
                "choice",
                optional=True,
                depends_on=("vehicle.make", "vehicle.model"),
                choices=ENGINES,
                takes_others=True,
            ),
            GuidedQuestion("postal_code", "ZIP?", "ZIP code", "postal_code"),
        ),
        "endings": (
            PreparedEnding(
                condition("nearest.open && vehicle.year > 1980"), "Near[ {nearest.miles}].", ("call", "chat")
            ),
            PreparedEnding(None, "Closed.", ("callback", "message", "later")),
        ),
        "further": {"call": (number,), "callback": (number,), "message": (message, email)},
    }
    return GuidedFlow(**{**parts, **changed})  # type: ignore[arg-type]


@dataclass
class Scene:
    """A world that knows what it is told."""

    known: Mapping[str, str] = field(default_factory=dict)
    ways: frozenset[FlowWay] = ALL
    open: bool = True
    year: int = 2026

    def read_phone(self, text: str) -> str | None:
        digits = "".join(sign for sign in text if sign.isdecimal() and sign.isascii())
        return f"+1{digits}" if len(digits) == 10 else None

    def read_postal_code(self, text: str) -> str | None:
        found = [word for word in text.split() if len(word) == 5 and word.isascii() and word.isdecimal()]
        return found[0] if len(found) == 1 else None

    def masked(self, text: str) -> str:
        return mask(text).text

    def facts(self, answers: Mapping[str, str]) -> Facts:
        values: dict[tuple[str, ...], object] = {("nearest", "open"): self.open and "postal_code" in answers}
        if "vehicle.year" in answers:
            values["vehicle", "year"] = int(answers["vehicle.year"])
        return Facts(values, {}, {("nearest",), ("vehicle",)})

    def value(self, name: str, answers: Mapping[str, str]) -> str:
        return {"site": "{Coolway}", "nearest.miles": "2.3" if "postal_code" in answers else ""}.get(name, "")


NEEDED = words("en", "needed")
