"""What the person who takes a call is told: whose words count, what is in them, what is left unsaid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.models import Config
from routing.plan import Prompt, Speech, Spoken
from routing.router import Router
from tests.routing.settings import click, config, decide, ring

HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"
SITE, STEP, OWN = {"text": "site"}, {"text": "step"}, {"text": "own"}


def settings(site: Any = None, step: Any = None, own: Any = None) -> Config:
    found = config(
        {
            "root": {
                "steps": [ring("store", "agent:alice", **({"whisper": step} if step is not None else {}))]
            }
        },
        destinations={"store": {"label": "Store", "sip": "sip:s@pbx.example", "whisper": own}},
        agents={"alice": {"label": "Alice", "password_hash": HASH}},
        prompts={"tone": "/prompts/tone.wav"},
    )
    if site is None:
        return found
    told = found.model_dump(mode="json") | {}
    told["sites"]["shop"]["whisper"] = site
    return Config.model_validate(told, strict=False)


def whispers(made: Config, **context: str) -> dict[str, Spoken | None]:
    (step,) = decide(Router.of(made), click(**context)).plan.steps
    return {endpoint.destination: endpoint.whisper for endpoint in step.endpoints}


@pytest.mark.parametrize(
    ("site", "step", "own", "store", "alice"),
    [
        (None, None, None, None, None),
        (SITE, None, None, "site", "site"),
        (SITE, STEP, None, "step", "step"),
        (SITE, STEP, OWN, "own", "step"),
        (SITE, {}, None, None, None),
        (SITE, STEP, {}, None, "step"),
        (None, None, OWN, "own", None),
    ],
)
def test_the_nearest_words_count(
    site: Any, step: Any, own: Any, store: str | None, alice: str | None
) -> None:
    told = whispers(settings(site, step, own))
    said = [each.text if isinstance(each, Speech) else each for each in (told["store"], told["agent:alice"])]
    assert said == [store, alice]


def test_a_recording_comes_before_the_words() -> None:
    told = whispers(settings(site={"prompt": "tone", "text": "not this"}))
    assert told["store"] == Prompt("tone", "/prompts/tone.wav")


TEXT = "Web call for {site}[, a cart of {context.cart.value} dollars][, {signed.customer.tier} customer]."


@pytest.mark.parametrize(
    ("context", "signed", "words"),
    [
        ({}, {}, "Web call for Shop."),
        ({"cart.value": "120"}, {}, "Web call for Shop, a cart of 120 dollars."),
        ({"cart.value": "120"}, {"cart.value": "99"}, "Web call for Shop, a cart of 99 dollars."),
        ({"customer.tier": "gold"}, {}, "Web call for Shop."),
        ({}, {"customer.tier": "gold"}, "Web call for Shop, gold customer."),
        ({"cart.value": "[[]]{x}<y>"}, {}, "Web call for Shop, a cart of x y dollars."),
        ({"cart.value": "{}[]"}, {}, "Web call for Shop."),
    ],
)
def test_what_is_not_known_is_left_unsaid(
    context: dict[str, str], signed: dict[str, str], words: str
) -> None:
    asked = replace(click(), context=context, signed=signed)
    (step,) = decide(Router.of(settings(site={"text": TEXT})), asked).plan.steps
    assert step.endpoints[0].whisper == Speech(words, "en-us", "whisper")
