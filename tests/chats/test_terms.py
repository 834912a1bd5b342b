"""How the chats of a site go, by their settings."""

from __future__ import annotations

from chats.terms import plan_of
from config.sections.chat import ChatSettings


def test_holding_words_are_in_the_shoppers_language() -> None:
    steps = [
        {
            "after": "30s",
            "texts": ["One moment."],
            "translations": {"de": ["Einen Moment."], "es": ["Un momento."]},
        },
        {"every": "1m", "texts": ["Still on it."]},
    ]
    chat = ChatSettings.model_validate({"route": "help", "holding": steps}, strict=False)

    def said(language: str) -> list[str]:
        return [step.texts[0] for step in plan_of("shop", chat, "help", None, language).holding]

    assert said("de-AT") == ["Einen Moment.", "Still on it."]
    assert said("ES") == ["Un momento.", "Still on it."]
    assert said("fr") == said("") == ["One moment.", "Still on it."]
